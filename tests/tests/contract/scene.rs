//! The arguments of a call as data: what they hold, where they stand, and how one of them can be spoiled.

use crate::memory::{Memory, Plain, bytes_of, values_of};
use std::ops::Range;

/// What a function does with a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Reads it.
    Input,
    /// Writes it without a look at what it holds.
    Output,
    /// Reads and writes it.
    InOut,
}

/// How a buffer or a number reaches the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// As an argument.
    Argument,
    /// As a field of a struct that is itself a buffer of the call.
    Field {
        /// The struct.
        within: &'static str,
        /// The field's distance from its start.
        offset: usize,
    },
}

/// Where a buffer's pointer leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointer {
    /// To the buffer's own memory.
    Own,
    /// Nowhere.
    Null,
    /// So many bytes past the start of the memory of a buffer.
    Into(&'static str, isize),
}

/// A buffer of a call.
#[derive(Clone, Debug)]
pub struct Buffer {
    /// The name of the argument or field, or another where two have the same.
    pub name: &'static str,
    /// What a status calls it.
    pub called: &'static str,
    /// What happens to it.
    pub role: Role,
    /// Where its pointer stands.
    pub place: Place,
    /// Where its pointer leads.
    pub pointer: Pointer,
    /// Whether NULL means that it is absent.
    pub optional: bool,
    /// Its content; for an output that of the memory before the call.
    pub bytes: Vec<u8>,
    /// The size and the alignment of an element.
    pub layout: (usize, usize),
    /// The bytes of an element that belong to no field.
    pub padding: &'static [Range<usize>],
    /// The number that holds its length; none for a single struct.
    pub length: Option<&'static str>,
}

/// A number of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A floating-point parameter.
    Real(f64),
    /// An `int32_t`.
    Signed(i32),
    /// A `uint32_t`.
    Word(u32),
    /// A `uint64_t`.
    Long(u64),
    /// A `size_t`.
    Size(usize),
}

/// All arguments of a call.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// The buffers.
    pub buffers: Vec<Buffer>,
    /// The numbers, by name.
    pub numbers: Vec<(&'static str, Place, Number)>,
}

impl Scene {
    /// A buffer by name.
    pub fn buffer(&self, name: &str) -> &Buffer {
        self.buffers.iter().find(|buffer| buffer.name == name).unwrap_or_else(|| panic!("no buffer {name}"))
    }

    /// The same, to change it.
    pub fn buffer_mut(&mut self, name: &str) -> &mut Buffer {
        self.buffers.iter_mut().find(|buffer| buffer.name == name).unwrap_or_else(|| panic!("no buffer {name}"))
    }

    /// A number by name.
    pub fn number(&self, name: &str) -> Number {
        let found = self.numbers.iter().find(|(number, ..)| *number == name);
        found.unwrap_or_else(|| panic!("no number {name}")).2
    }

    /// Changes a number.
    pub fn set(&mut self, name: &str, value: Number) {
        let found = self.numbers.iter_mut().find(|(number, ..)| *number == name);
        found.unwrap_or_else(|| panic!("no number {name}")).2 = value;
    }

    /// A number by name, as the function takes it.
    pub fn get<T: FromNumber>(&self, name: &str) -> T {
        let number = self.number(name);
        T::from_number(number).unwrap_or_else(|| panic!("{name} is {number:?}"))
    }

    /// The content of a buffer; nothing where its pointer is NULL.
    pub fn read<T: Plain>(&self, name: &str) -> Vec<T> {
        let buffer = self.buffer(name);
        if buffer.pointer == Pointer::Null { Vec::new() } else { values_of(&buffer.bytes) }
    }

    /// A struct, or the first element of a buffer.
    pub fn one<T: Plain>(&self, name: &str) -> T {
        self.read(name)[0]
    }

    /// Replaces the content of a buffer and, if that changes, its length.
    pub fn write<T: Plain>(&mut self, name: &str, values: &[T]) {
        let buffer = self.buffer_mut(name);
        assert_eq!(buffer.layout.0, size_of::<T>(), "{name} holds another type");
        buffer.bytes = bytes_of(values);
        if let Some(length) = buffer.length {
            self.set(length, Number::Size(values.len()));
        }
    }

    /// Overwrites a field of a struct, or of the element of a buffer that stands at `offset`.
    pub fn poke<T: Plain>(&mut self, name: &str, offset: usize, value: T) {
        let bytes = bytes_of(&[value]);
        self.buffer_mut(name).bytes[offset..offset + bytes.len()].copy_from_slice(&bytes);
    }

    /// Overwrites an element of a buffer.
    pub fn poke_element<T: Plain>(&mut self, name: &str, index: usize, value: T) {
        self.poke(name, index * size_of::<T>(), value);
    }

    /// Fills what is only written with a byte.
    pub fn fill_outputs(&mut self, byte: u8) {
        for buffer in self.buffers.iter_mut().filter(|buffer| buffer.role == Role::Output) {
            buffer.bytes.fill(byte);
        }
    }
}

/// A scene in memory.
pub struct Frame {
    scene: Scene,
    memory: Memory,
    starts: Vec<usize>,
}

impl Frame {
    /// Lays the buffers out, far enough from each other that a pointer moved by a buffer's length stays inside.
    pub fn new(scene: Scene) -> Frame {
        let gap = 64 + scene.buffers.iter().map(|buffer| buffer.bytes.len()).max().unwrap_or(0).next_multiple_of(16);
        let mut length = gap;
        let mut starts = Vec::new();
        for buffer in &scene.buffers {
            starts.push(length);
            length += buffer.bytes.len().next_multiple_of(16) + gap;
        }
        let mut frame = Frame { scene, memory: Memory::new(length), starts };
        for (buffer, &start) in frame.scene.buffers.iter().zip(&frame.starts) {
            frame.memory.store(start, &buffer.bytes);
        }
        for buffer in &frame.scene.buffers {
            if let Place::Field { within, offset } = buffer.place {
                let pointer = frame.pointer(buffer.name);
                frame.memory.store_pointer(frame.start(within) + offset, pointer);
            }
        }
        for &(_, place, number) in &frame.scene.numbers {
            if let (Place::Field { within, offset }, Number::Size(value)) = (place, number) {
                frame.memory.store(frame.start(within) + offset, &bytes_of(&[value]));
            }
        }
        frame
    }

    fn start(&self, name: &str) -> usize {
        let position = self.scene.buffers.iter().position(|buffer| buffer.name == name);
        self.starts[position.unwrap_or_else(|| panic!("no buffer {name}"))]
    }

    fn pointer(&self, name: &str) -> *mut u8 {
        match self.scene.buffer(name).pointer {
            Pointer::Own => self.memory.at(self.start(name) as isize),
            Pointer::Null => std::ptr::null_mut(),
            Pointer::Into(other, offset) => self.memory.at(self.start(other) as isize + offset),
        }
    }

    /// An argument, as the function wants it.
    pub fn get<T: FromFrame>(&self, name: &str) -> T {
        T::from_frame(self, name)
    }

    /// The whole memory, canaries included. Padding of outputs reads as 0: nobody promises what it holds.
    pub fn snapshot(&self) -> Vec<u8> {
        let mut skipped = Vec::new();
        for (buffer, &start) in self.scene.buffers.iter().zip(&self.starts) {
            if buffer.role != Role::Input && buffer.pointer == Pointer::Own {
                for element in (0..buffer.bytes.len()).step_by(buffer.layout.0) {
                    skipped.extend(buffer.padding.iter().flat_map(|gap| gap.clone()).map(|at| start + element + at));
                }
            }
        }
        self.memory.snapshot(|offset| skipped.contains(&offset))
    }

    /// The buffers that began alike here and in another frame, but have become different.
    pub fn changed_by_a_call(&self, other: &Frame) -> Vec<&'static str> {
        let (mine, others) = (self.snapshot(), other.snapshot());
        let differ = |buffer: &&Buffer| {
            let (here, there) = (self.start(buffer.name), other.start(buffer.name));
            let length = buffer.bytes.len();
            buffer.role != Role::Input
                && buffer.bytes == other.scene.buffer(buffer.name).bytes
                && mine[here..here + length] != others[there..there + length]
        };
        self.scene.buffers.iter().filter(differ).map(|buffer| buffer.name).collect()
    }

    /// A snapshot after the outputs have become those of another scene.
    pub fn with_outputs_of(&self, expected: &Scene) -> Vec<u8> {
        let mut snapshot = self.snapshot();
        for buffer in self.scene.buffers.iter().filter(|b| b.role != Role::Input && b.pointer != Pointer::Null) {
            let start = match buffer.pointer {
                Pointer::Into(other, offset) => self.start(other).wrapping_add_signed(offset),
                _ => self.start(buffer.name),
            };
            let bytes = &expected.buffer(buffer.name).bytes;
            snapshot[start..start + bytes.len()].copy_from_slice(bytes);
        }
        snapshot
    }
}

/// What can be an argument of a function.
pub trait FromFrame {
    /// Looks the argument up by its name.
    fn from_frame(frame: &Frame, name: &str) -> Self;
}

impl<T> FromFrame for *mut T {
    fn from_frame(frame: &Frame, name: &str) -> Self {
        assert_eq!(frame.scene.buffer(name).layout, (size_of::<T>(), align_of::<T>()), "{name} holds another type");
        frame.pointer(name).cast()
    }
}

impl<T> FromFrame for *const T {
    fn from_frame(frame: &Frame, name: &str) -> Self {
        <*mut T>::from_frame(frame, name)
    }
}

impl<T: FromNumber> FromFrame for T {
    fn from_frame(frame: &Frame, name: &str) -> Self {
        frame.scene.get(name)
    }
}

/// The types of numbers.
pub trait FromNumber: Sized {
    /// The value, if the number is of this type.
    fn from_number(number: Number) -> Option<Self>;
}

macro_rules! numbers {
    ($($variant:ident: $type:ty),*) => {$(
        impl FromNumber for $type {
            fn from_number(number: Number) -> Option<Self> {
                if let Number::$variant(value) = number { Some(value) } else { None }
            }
        }
    )*};
}
numbers!(Real: f64, Signed: i32, Word: u32, Long: u64, Size: usize);
