//! What the fuzz targets share. Each target in `src/bin` feeds one part of the core with bytes that come from outside and checks what must
//! hold for whatever they are; `npm run fuzz` builds and runs them.

use arbitrary::{Arbitrary, Result, Unstructured};
use mesa_core::{Answer, Stop};

/// Takes a value, or ends the case: a fault in the input is a right answer, and no object is ever to be had here.
pub fn given<T>(answer: Answer<T>) -> Option<T> {
    match answer {
        Ok(value) => Some(value),
        Err(Stop::Missing(missing)) => {
            assert!(!missing.is_empty(), "something is missing and not named");
            None
        }
        Err(Stop::Error(error)) => {
            // Reading it must not fail either.
            assert!(!error.to_string().is_empty() && !error.code().is_empty());
            None
        }
    }
}

/// A text: lines of few words, so that many are equal, with what is easily got wrong among them.
#[derive(Clone, Debug)]
pub struct Text(pub Vec<u8>);

const LINES: [&[u8]; 16] = [
    b"a\n",
    b"b\n",
    b"c\n",
    b"d\n",
    b"\n",
    b"a\r\n",
    b"\r\n",
    b"a",
    b"<<<<<<<\n",
    b">>>>>>> x\n",
    b"=======\n",
    b"+++++++ side #1\n",
    b"------- base\n",
    b"%%%%%%% diff from: a\n",
    b"\\\\\\\\\\\\\\        to: b\n",
    b"||||||| c\n",
];

impl<'a> Arbitrary<'a> for Text {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Self> {
        let mut text = Vec::new();
        for _ in 0..input.int_in_range(0..=24)? {
            match input.int_in_range(0..=19_u8)? {
                choice @ 0..16 => text.extend_from_slice(LINES[usize::from(choice)]),
                16 => text.extend_from_slice(<&[u8]>::arbitrary(input)?),
                // Markers of any length.
                17 => text
                    .extend(std::iter::repeat_n(*input.choose(b"<>+-%\\|=")?, input.int_in_range(1..=12)?)),
                _ => text.push(u8::arbitrary(input)?),
            }
        }
        Ok(Self(text))
    }
}
