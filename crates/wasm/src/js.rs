//! Plain JavaScript values: a small reader and writer for the objects that cross the boundary. A general
//! serializer does the same in three times the code, which every page would have to load.

use std::cell::RefCell;

use js_sys::{Array, Object, Reflect, Uint8Array};
use mesa_core::CoreError;
use wasm_bindgen::{JsCast, JsValue};

/// A value JavaScript can have.
pub trait ToJs {
    /// The JavaScript value.
    fn to_js(&self) -> JsValue;
}

/// A value that can come from JavaScript.
pub trait FromJs: Sized {
    /// Reads the value. Where it is not what its type says, that is noted under its name and anything stands for it.
    fn from_js(value: &JsValue, name: &str, faults: &mut Faults) -> Self;
}

/// Whether something did not fit. Reading goes on to the end: a way out after each property, with what was read so far
/// to be dropped, would make up most of the code.
#[derive(Default)]
pub struct Faults(Option<CoreError>);

impl Faults {
    /// Notes that the value of this name does not fit.
    #[cold]
    #[inline(never)]
    pub fn note(&mut self, name: &str) {
        self.0.get_or_insert_with(|| {
            CoreError::BadArgument(["`", name, "` is missing or is not what its type says"].concat())
        });
    }

    /// Gives what was read, unless something did not fit.
    pub fn check<T>(self, value: T) -> Result<T, CoreError> {
        match self.0 {
            None => Ok(value),
            Some(fault) => Err(fault),
        }
    }
}

/// A struct with its TypeScript interface and both directions; each field with the name it has in JavaScript.
macro_rules! plain {
    ($($(#[$meta:meta])* struct $name:ident { $($(#[$field_meta:meta])* $field:ident as $key:literal: $type:ty),* $(,)? })*) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Debug, tsify::Tsify)]
            pub struct $name {
                $($(#[$field_meta])* #[serde(rename = $key)] pub $field: $type,)*
            }

            impl $crate::js::ToJs for $name {
                fn to_js(&self) -> wasm_bindgen::JsValue {
                    let object = js_sys::Object::new();
                    $($crate::js::set(&object, $key, &self.$field);)*
                    object.into()
                }
            }

            impl $crate::js::FromJs for $name {
                fn from_js(value: &wasm_bindgen::JsValue, name: &str, faults: &mut $crate::js::Faults) -> Self {
                    $crate::js::check_object(value, name, faults);
                    Self { $($field: $crate::js::get(value, $key, faults),)* }
                }
            }
        )*
    };
}

/// An enum that is a string in JavaScript.
macro_rules! words {
    ($($(#[$meta:meta])* enum $name:ident { $first:ident = $first_word:literal $(, $variant:ident = $word:literal)* $(,)? })*) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Copy, Debug, tsify::Tsify)]
            pub enum $name {
                #[serde(rename = $first_word)] $first,
                $(#[serde(rename = $word)] $variant,)*
            }

            impl $crate::js::ToJs for $name {
                fn to_js(&self) -> wasm_bindgen::JsValue {
                    $crate::js::word(match self { Self::$first => $first_word, $(Self::$variant => $word,)* })
                }
            }

            impl $crate::js::FromJs for $name {
                fn from_js(value: &wasm_bindgen::JsValue, name: &str, faults: &mut $crate::js::Faults) -> Self {
                    match value.as_string().as_deref() {
                        Some($first_word) => return Self::$first,
                        $(Some($word) => return Self::$variant,)*
                        _ => faults.note(name),
                    }
                    Self::$first
                }
            }
        )*
    };
}

pub(crate) use {plain, words};

/// Notes what has no properties.
pub fn check_object(value: &JsValue, name: &str, faults: &mut Faults) {
    if !value.is_object() {
        faults.note(name);
    }
}

/// Sets a property of a fresh object.
pub fn set(object: &Object, key: &'static str, value: &dyn ToJs) {
    let value = value.to_js();
    // Setting a property of a plain object can't fail.
    with_word(key, |key| drop(Reflect::set(object, key, &value)));
}

/// Reads a property of an object.
pub fn get<T: FromJs>(object: &JsValue, key: &'static str, faults: &mut Faults) -> T {
    T::from_js(&property(object, key), key, faults)
}

fn or_note<T: Default>(value: Option<T>, name: &str, faults: &mut Faults) -> T {
    value.unwrap_or_else(|| {
        faults.note(name);
        T::default()
    })
}

fn property(object: &JsValue, key: &'static str) -> JsValue {
    with_word(key, |key| Reflect::get(object, key)).unwrap_or(JsValue::UNDEFINED)
}

/// A string that is part of the program.
pub fn word(word: &'static str) -> JsValue {
    with_word(word, JsValue::clone)
}

thread_local! {
    /// Strings that are part of the program, made once: the address says which is which.
    static WORDS: RefCell<Vec<Option<(usize, JsValue)>>> = const { RefCell::new(Vec::new()) };
}

const SLOTS: usize = 256;

fn with_word<T>(word: &'static str, run: impl FnOnce(&JsValue) -> T) -> T {
    WORDS.with_borrow_mut(|words| {
        if words.is_empty() {
            words.resize(SLOTS, None);
        }
        let address = word.as_ptr().addr();
        // Words of another length can start at the same address.
        let at = (address.wrapping_mul(31) ^ word.len()) % SLOTS;
        let id = address.wrapping_mul(64).wrapping_add(word.len());
        match words.get_mut(at) {
            Some(Some((known, value))) if *known == id => run(value),
            Some(slot) => run(&slot.insert((id, JsValue::from_str(word))).1),
            None => run(&JsValue::from_str(word)),
        }
    })
}

impl ToJs for String {
    fn to_js(&self) -> JsValue {
        JsValue::from_str(self)
    }
}

impl FromJs for String {
    fn from_js(value: &JsValue, name: &str, faults: &mut Faults) -> Self {
        or_note(value.as_string(), name, faults)
    }
}

impl ToJs for bool {
    fn to_js(&self) -> JsValue {
        JsValue::from_bool(*self)
    }
}

impl FromJs for bool {
    fn from_js(value: &JsValue, name: &str, faults: &mut Faults) -> Self {
        or_note(value.as_bool(), name, faults)
    }
}

impl ToJs for f64 {
    fn to_js(&self) -> JsValue {
        JsValue::from_f64(*self)
    }
}

impl FromJs for f64 {
    fn from_js(value: &JsValue, name: &str, faults: &mut Faults) -> Self {
        or_note(value.as_f64(), name, faults)
    }
}

macro_rules! integers {
    ($($type:ty)*) => {
        $(
            impl ToJs for $type {
                fn to_js(&self) -> JsValue {
                    JsValue::from_f64(*self as f64)
                }
            }

            impl FromJs for $type {
                fn from_js(value: &JsValue, name: &str, faults: &mut Faults) -> Self {
                    let number = f64::from_js(value, name, faults);
                    let whole = number as $type;
                    if whole as f64 != number {
                        faults.note(name);
                    }
                    whole
                }
            }
        )*
    };
}

integers!(u32 i32 usize);

impl<T: ToJs> ToJs for Option<T> {
    fn to_js(&self) -> JsValue {
        match self {
            Some(value) => value.to_js(),
            None => JsValue::NULL,
        }
    }
}

impl<T: FromJs> FromJs for Option<T> {
    fn from_js(value: &JsValue, name: &str, faults: &mut Faults) -> Self {
        if value.is_null() || value.is_undefined() { None } else { Some(T::from_js(value, name, faults)) }
    }
}

impl<T: ToJs> ToJs for Vec<T> {
    fn to_js(&self) -> JsValue {
        let array = Array::new();
        for value in self {
            array.push(&value.to_js());
        }
        array.into()
    }
}

impl<T: FromJs> FromJs for Vec<T> {
    fn from_js(value: &JsValue, name: &str, faults: &mut Faults) -> Self {
        let mut values = Vec::new();
        for_each(value, name, faults, &mut |value, faults| values.push(T::from_js(value, name, faults)));
        values
    }
}

/// Visits an array's values; apart from its caller, so that it is there once and not for every type.
fn for_each(value: &JsValue, name: &str, faults: &mut Faults, visit: &mut dyn FnMut(&JsValue, &mut Faults)) {
    let Some(array) = value.dyn_ref::<Array>() else { return faults.note(name) };
    for place in 0..array.length() {
        visit(&array.get(place), faults);
    }
}

/// Bytes, which JavaScript has as a `Uint8Array` of its own.
#[derive(Clone, Debug)]
pub struct Bytes(pub std::rc::Rc<[u8]>);

impl ToJs for Bytes {
    fn to_js(&self) -> JsValue {
        Uint8Array::from(&*self.0).into()
    }
}

impl FromJs for Bytes {
    fn from_js(value: &JsValue, name: &str, faults: &mut Faults) -> Self {
        Self(or_note(value.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec), name, faults).into())
    }
}
