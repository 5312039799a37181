//! Who wrote a commit, and when.

#![deny(clippy::arithmetic_side_effects)]

/// A name with a time. Git stores seconds, so milliseconds are cut off in the encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The writer's name.
    pub name: String,
    /// The writer's address.
    pub email: String,
    /// Milliseconds since 1970.
    pub timestamp: i64,
    /// Minutes east of UTC.
    pub tz_offset: i32,
}

/// What jj writes where git demands a name or an address and there is none.
const EMPTY: &str = "JJ_EMPTY_STRING";

impl Signature {
    /// Git's encoding, or what is wrong with the fields.
    pub(super) fn encode(&self) -> Result<Vec<u8>, &'static str> {
        for field in [&self.name, &self.email] {
            if field.contains(['<', '>', '\n', '\0']) {
                return Err("a name or an address contains `<`, `>`, NUL or a line break");
            }
        }
        let hours = self.tz_offset.unsigned_abs() / 60;
        if hours > 99 {
            return Err("a time zone is more than 99 hours from UTC");
        }
        let or_empty = |field: &str| if field.is_empty() { EMPTY.to_owned() } else { field.to_owned() };
        Ok(format!(
            "{} <{}> {} {}{:02}{:02}",
            or_empty(&self.name),
            or_empty(&self.email),
            self.timestamp.div_euclid(1000),
            if self.tz_offset < 0 { '-' } else { '+' },
            hours,
            self.tz_offset.unsigned_abs() % 60
        )
        .into_bytes())
    }

    /// Reads git's encoding. Old tools wrote odd times: what can't be read becomes the epoch, as git shows it.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let open = bytes.iter().position(|byte| *byte == b'<')?;
        let (name, rest) = bytes.split_at_checked(open)?;
        let close = rest.iter().rposition(|byte| *byte == b'>')?;
        let (email, time) = rest.split_at_checked(close)?;
        let text = |part: &[u8]| {
            let text = String::from_utf8_lossy(part).trim().to_owned();
            if text == EMPTY { String::new() } else { text }
        };
        let time = String::from_utf8_lossy(time.get(1..).unwrap_or_default()).into_owned();
        let mut time = time.split_ascii_whitespace();
        let seconds = time.next().and_then(|seconds| seconds.parse::<i64>().ok()).unwrap_or(0);
        Some(Self {
            name: text(name),
            email: text(email.get(1..).unwrap_or_default()),
            timestamp: seconds.saturating_mul(1000),
            tz_offset: time.next().and_then(parse_zone).unwrap_or(0),
        })
    }
}

fn parse_zone(zone: &str) -> Option<i32> {
    let (sign, digits) = match zone.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = digits.split_at_checked(2).filter(|_| digits.len() == 4)?;
    hours.parse::<i32>().ok()?.checked_mul(60)?.checked_add(minutes.parse().ok()?)?.checked_mul(sign)
}
