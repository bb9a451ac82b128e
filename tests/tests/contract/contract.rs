//! What every function promises, checked from a description of its arguments.
//!
//! A [`Contract`] states a call that succeeds, its twin in Rust, and what is wrong with each argument when it is wrong.
//! [`Contract::failures`] derives the calls that must fail (NULL, misaligned, overlapping, overflowing, out of range),
//! makes each of them on memory with canaries, and compares status, argument and every byte.

use crate::memory::{Plain, bytes_of};
use crate::scene::{Buffer, Frame, Number, Place, Pointer, Role, Scene};
use quell_ffi::status::{
    quell_cause as cause, quell_status, quell_status_argument_str, quell_status_cause, quell_status_str,
};
use std::ffi::{CStr, c_char};

/// Values that no finite parameter takes.
pub const NOT_FINITE: &[f64] = &[f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
/// Values that no parameter takes which is finite and not negative.
pub const NEGATIVE: &[f64] = &[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1e-300, -1.0];
/// Values that no finite and positive parameter takes.
pub const NOT_POSITIVE: &[f64] = &[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, -0.0, 0.0];
/// Values outside the closed unit interval.
pub const OUTSIDE_UNIT: &[f64] = &[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1e-300, 1.0 + f64::EPSILON];
/// Values outside the open unit interval.
pub const OUTSIDE_OPEN_UNIT: &[f64] = &[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, 1.0, 2.0];

/// Makes a [`Contract`] for a function of the C ABI whose parameters have the names given.
macro_rules! contract {
    ($function:ident($($parameter:ident),*)) => {
        $crate::contract::Contract::new(stringify!($function), |frame: &$crate::scene::Frame| {
            // SAFETY: each pointer leads to memory that is alive and of sufficient length, or is one that the function
            // promises to refuse.
            unsafe { $function($(frame.get(stringify!($parameter))),*) }
        })
    };
}
pub(crate) use contract;

/// A change to a scene.
type Change = Box<dyn Fn(&mut Scene)>;
/// Makes the call with the arguments of a frame.
type Call = Box<dyn Fn(&Frame) -> quell_status>;

/// A call that must fail.
struct Fault {
    what: String,
    change: Change,
    cause: cause,
    /// Any of these is the right one to name.
    arguments: Vec<&'static str>,
}

/// A function of the C ABI, with all that is to be checked about it.
pub struct Contract {
    function: &'static str,
    call: Option<Call>,
    scene: Scene,
    twin: Option<Change>,
    variations: Vec<(String, Change)>,
    faults: Vec<Fault>,
    /// The lengths of which it is known what 0 does.
    zeros: Vec<&'static str>,
    /// Changes that change no result.
    ignored: Vec<(String, Change, Change)>,
    check: Option<fn()>,
}

impl Contract {
    /// See [`contract!`].
    pub fn new(function: &'static str, call: impl Fn(&Frame) -> quell_status + 'static) -> Contract {
        Contract { call: Some(Box::new(call)), ..Contract::empty(function) }
    }

    /// A function that returns no status: `check` is all there is to it.
    pub fn plain(function: &'static str, check: fn()) -> Contract {
        Contract { check: Some(check), ..Contract::empty(function) }
    }

    fn empty(function: &'static str) -> Contract {
        Contract {
            function,
            call: None,
            scene: Scene::default(),
            twin: None,
            variations: Vec::new(),
            faults: Vec::new(),
            zeros: Vec::new(),
            ignored: Vec::new(),
            check: None,
        }
    }

    /// The name of the function.
    pub fn function(&self) -> &'static str {
        self.function
    }

    fn buffer<T: Plain>(mut self, name: &'static str, role: Role, values: &[T], length: Option<&'static str>) -> Self {
        self.scene.buffers.push(Buffer {
            name,
            called: name,
            role,
            place: Place::Argument,
            pointer: Pointer::Own,
            optional: false,
            bytes: bytes_of(values),
            layout: (size_of::<T>(), align_of::<T>()),
            padding: T::PADDING,
            length,
        });
        match length {
            Some(length) if !self.scene.numbers.iter().any(|(name, ..)| *name == length) => {
                self.number(length, Number::Size(values.len()))
            }
            _ => self,
        }
    }

    /// An input whose length is a parameter.
    pub fn input<T: Plain>(self, name: &'static str, values: &[T], length: &'static str) -> Self {
        self.buffer(name, Role::Input, values, Some(length))
    }

    /// A buffer that is changed in place.
    pub fn in_out<T: Plain>(self, name: &'static str, values: &[T], length: &'static str) -> Self {
        self.buffer(name, Role::InOut, values, Some(length))
    }

    /// A buffer that is written.
    pub fn output<T: Plain>(self, name: &'static str, count: usize, length: &'static str) -> Self {
        self.outputs::<T>(name, count, Some(length))
    }

    /// A single struct or number that is written.
    pub fn result<T: Plain>(self, name: &'static str) -> Self {
        self.outputs::<T>(name, 1, None)
    }

    /// A single struct that is changed in place.
    pub fn in_place<T: Plain>(self, name: &'static str, value: T) -> Self {
        self.buffer(name, Role::InOut, &[value], None)
    }

    /// An output whose length goes without saying.
    pub fn results<T: Plain>(self, name: &'static str, count: usize) -> Self {
        self.outputs::<T>(name, count, None)
    }

    fn outputs<T: Plain>(self, name: &'static str, count: usize, length: Option<&'static str>) -> Self {
        // SAFETY: any bytes are a value.
        let blank = vec![unsafe { std::mem::zeroed::<T>() }; count];
        self.buffer(name, Role::Output, &blank, length)
    }

    /// A single struct that is read.
    pub fn object<T: Plain>(self, name: &'static str, value: T) -> Self {
        self.buffer(name, Role::Input, &[value], None)
    }

    /// An input whose length goes without saying.
    pub fn objects<T: Plain>(self, name: &'static str, values: &[T]) -> Self {
        self.buffer(name, Role::Input, values, None)
    }

    /// The buffer last named may be NULL.
    pub fn or_null(mut self) -> Self {
        self.scene.buffers.last_mut().expect("a buffer").optional = true;
        self
    }

    /// The buffer last named has a name of its own here, but a status calls it this.
    pub fn called(mut self, called: &'static str) -> Self {
        self.scene.buffers.last_mut().expect("a buffer").called = called;
        self
    }

    /// The pointer to the buffer last named is a field of a struct.
    pub fn at_field(mut self, within: &'static str, offset: usize) -> Self {
        self.scene.buffers.last_mut().expect("a buffer").place = Place::Field { within, offset };
        self
    }

    /// The length of the buffer last named is a field of a struct.
    pub fn length_at_field(mut self, within: &'static str, offset: usize) -> Self {
        let length = self.scene.buffers.last().and_then(|buffer| buffer.length).expect("a buffer with a length");
        let found = self.scene.numbers.iter_mut().find(|(name, ..)| *name == length);
        found.expect("its length").1 = Place::Field { within, offset };
        self
    }

    fn number(mut self, name: &'static str, value: Number) -> Self {
        self.scene.numbers.push((name, Place::Argument, value));
        self
    }

    /// A `size_t` that is not the length of a buffer, or a word or long that may have any value.
    pub fn any(self, name: &'static str, value: Number) -> Self {
        self.number(name, value)
    }

    /// A floating-point parameter, with values that are out of its domain.
    pub fn real(mut self, name: &'static str, value: f64, bad: &[f64]) -> Self {
        assert!(!bad.is_empty(), "{name} has no bad value");
        for &bad in bad {
            self = self.refuses(name, move |s| s.set(name, Number::Real(bad)), cause::Domain, name);
        }
        self.number(name, Number::Real(value))
    }

    /// An enum passed as `int32_t`, with as many alternatives.
    pub fn choice(mut self, name: &'static str, value: i32, count: i32) -> Self {
        for bad in [-1, count, i32::MIN, i32::MAX] {
            self = self.refuses(name, move |s| s.set(name, Number::Signed(bad)), cause::Unknown, name);
        }
        for alternative in 0..count {
            self = self.accepts(name, move |s| s.set(name, Number::Signed(alternative)));
        }
        self.number(name, Number::Signed(value))
    }

    /// A floating-point field of a struct, with values that are out of its domain and the name that the status gives.
    pub fn field(mut self, within: &'static str, offset: usize, bad: &'static [f64], name: &'static str) -> Self {
        for &bad in bad {
            self = self.refuses(name, move |s| s.poke(within, offset, bad), cause::Domain, name);
        }
        self
    }

    /// The same for an enum.
    pub fn choice_field(mut self, within: &'static str, offset: usize, count: i32, name: &'static str) -> Self {
        for bad in [-1, count, i32::MIN, i32::MAX] {
            self = self.refuses(name, move |s| s.poke(within, offset, bad), cause::Unknown, name);
        }
        self
    }

    /// Elements that make a buffer invalid.
    pub fn bad_elements(mut self, name: &'static str, index: usize, bad: &'static [f64], cause: cause) -> Self {
        for &bad in bad {
            self = self.refuses(name, move |s| s.poke_element(name, index, bad), cause, name);
        }
        self
    }

    /// Lengths that are wrong, and what the status then says.
    pub fn wrong_length(mut self, length: &'static str, wrong: &[usize], cause: cause, argument: &'static str) -> Self {
        for &wrong in wrong {
            self = self.refuses(length, move |s| s.set(length, Number::Size(wrong)), cause, argument);
        }
        self
    }

    /// A length of 0 is fine, and the pointers that it belongs to may then be NULL, or anything.
    pub fn zero_is_fine(mut self, lengths: &[&'static str]) -> Self {
        self.zeros.extend(lengths);
        for null in [true, false] {
            let lengths = lengths.to_vec();
            let what = if null { "length 0 with NULL" } else { "length 0 with pointers" };
            self = self.accepts(what, move |s| {
                for length in &lengths {
                    s.set(length, Number::Size(0));
                    for buffer in s.buffers.iter_mut().filter(|buffer| buffer.length == Some(length)) {
                        buffer.bytes.clear();
                        if null {
                            buffer.pointer = Pointer::Null;
                        }
                    }
                }
            });
        }
        self
    }

    /// A length of 0 is wrong, with whatever pointer.
    pub fn zero_is_wrong(mut self, length: &'static str, cause: cause, argument: &'static str) -> Self {
        self.zeros.push(length);
        self = self.wrong_length(length, &[0], cause, argument);
        let null = move |s: &mut Scene| {
            s.set(length, Number::Size(0));
            s.buffers.iter_mut().filter(|b| b.length == Some(length)).for_each(|b| b.pointer = Pointer::Null);
        };
        self.refuses("length 0 with NULL", null, cause, argument)
    }

    /// A length of which the descriptions at hand say what 0 does.
    pub fn zero_is_described(mut self, length: &'static str) -> Self {
        self.zeros.push(length);
        self
    }

    /// After `setup`, `dirt` changes no bit of the result.
    pub fn ignores(
        mut self,
        what: impl Into<String>,
        setup: impl Fn(&mut Scene) + 'static,
        dirt: impl Fn(&mut Scene) + 'static,
    ) -> Self {
        self.ignored.push((what.into(), Box::new(setup), Box::new(dirt)));
        self
    }

    /// A change after which the call must fail.
    pub fn refuses(
        mut self,
        what: impl Into<String>,
        change: impl Fn(&mut Scene) + 'static,
        cause: cause,
        argument: &'static str,
    ) -> Self {
        let (what, change) = (what.into(), Box::new(change));
        self.faults.push(Fault { what, change, cause, arguments: vec![argument] });
        self
    }

    /// A change after which the call must still succeed, and agree with its twin.
    pub fn accepts(mut self, what: impl Into<String>, change: impl Fn(&mut Scene) + 'static) -> Self {
        self.variations.push((what.into(), Box::new(change)));
        self
    }

    /// The same call by the Rust API: changes the outputs of a scene as the function must.
    pub fn twin(mut self, twin: impl Fn(&mut Scene) + 'static) -> Self {
        self.twin = Some(Box::new(twin));
        self
    }

    /// Makes all calls, and tells which of them did not keep the contract.
    pub fn failures(mut self) -> Vec<String> {
        if let Some(check) = self.check {
            check();
        }
        let Some(call) = self.call.take() else { return Vec::new() };
        self.derive_pointers();
        self.derive_overlaps();
        self.derive_lengths();
        let mut failures = Vec::new();
        let twin = self.twin.as_ref().unwrap_or_else(|| panic!("{} has no twin", self.function));
        let unchanged: (String, Change) = ("the call as it is".into(), Box::new(|_| ()));
        for (what, change) in std::iter::once(&unchanged).chain(&self.variations) {
            for dirt in [0x00, 0xa5, 0xff] {
                let mut scene = self.scene.clone();
                scene.fill_outputs(dirt);
                change(&mut scene);
                let mut expected = scene.clone();
                twin(&mut expected);
                let frame = Frame::new(scene);
                let wanted = frame.with_outputs_of(&expected);
                let status = call(&frame);
                if status != 0 {
                    failures.push(format!("{}: {what}: {}", self.function, describe(status)));
                } else if let Some(difference) = difference(&frame.snapshot(), &wanted) {
                    failures.push(format!("{}: {what}, outputs filled with {dirt:#x}: {difference}", self.function));
                }
            }
        }
        for (what, setup, dirt) in &self.ignored {
            let mut clean = self.scene.clone();
            setup(&mut clean);
            let mut dirty = clean.clone();
            dirt(&mut dirty);
            let (clean, dirty) = (Frame::new(clean), Frame::new(dirty));
            let statuses = [call(&clean), call(&dirty)];
            let changed = clean.changed_by_a_call(&dirty);
            if statuses != [0, 0] || !changed.is_empty() {
                let [clean, dirty] = statuses.map(describe);
                failures.push(format!("{}: {what}: {clean} and {dirty}, {changed:?} differ", self.function));
            }
        }
        for fault in &self.faults {
            let mut scene = self.scene.clone();
            scene.fill_outputs(0xa5);
            (fault.change)(&mut scene);
            let frame = Frame::new(scene);
            let before = frame.snapshot();
            let status = call(&frame);
            let argument = text(quell_status_argument_str(status));
            if quell_status_cause(status) != fault.cause as i32 || !fault.arguments.contains(&argument) {
                let Fault { what, cause, arguments, .. } = fault;
                let got = describe(status);
                failures.push(format!("{}: {what}: {got}, expected {cause:?} of {arguments:?}", self.function));
            }
            if let Some(difference) = difference(&frame.snapshot(), &before) {
                failures.push(format!("{}: {}: written on failure, {difference}", self.function, fault.what));
            }
        }
        failures
    }

    /// NULL and misaligned pointers.
    fn derive_pointers(&mut self) {
        for buffer in self.scene.buffers.clone() {
            let Buffer { name, called, optional, layout: (size, align), .. } = buffer;
            let mut spoil = |what: &str, pointer, cause| {
                let change = Box::new(move |s: &mut Scene| s.buffer_mut(name).pointer = pointer);
                self.faults.push(Fault { what: format!("{what} {name}"), change, cause, arguments: vec![called] });
            };
            if !optional && !buffer.bytes.is_empty() {
                spoil("NULL", Pointer::Null, cause::Null);
            }
            for offset in (1..align).filter(|_| !buffer.bytes.is_empty()) {
                spoil("misaligned", Pointer::Into(name, offset as isize), cause::Misaligned);
            }
            assert_eq!(size % align, 0);
        }
    }

    /// Each buffer that is written, laid over each other buffer, and right beside it.
    fn derive_overlaps(&mut self) {
        let buffers = self.scene.buffers.clone();
        for written in buffers.iter().filter(|buffer| buffer.role != Role::Input) {
            for other in buffers.iter().filter(|other| other.name != written.name && !other.bytes.is_empty()) {
                let align = written.layout.1 as isize;
                let (mine, theirs) = (written.bytes.len() as isize, other.bytes.len() as isize);
                let down = |offset: isize| offset.div_euclid(align) * align;
                let mut arguments = vec![written.called];
                if other.role != Role::Input {
                    arguments.push(other.called);
                }
                let mut places = vec![0, down(theirs - 1), -down(mine - 1), down(theirs / 2)];
                places.sort_unstable();
                places.dedup();
                let (name, onto) = (written.name, other.name);
                for offset in places {
                    self.faults.push(Fault {
                        what: format!("{name} over {onto} from byte {offset}"),
                        change: Box::new(move |s| s.buffer_mut(name).pointer = Pointer::Into(onto, offset)),
                        cause: cause::Overlap,
                        arguments: arguments.clone(),
                    });
                }
                // The content of a buffer changed in place would have to move with it.
                if written.role == Role::Output {
                    for offset in [-down(mine + align - 1), down(theirs + align - 1)] {
                        let beside = move |s: &mut Scene| s.buffer_mut(name).pointer = Pointer::Into(onto, offset);
                        self.variations.push((format!("{name} right beside {onto}"), Box::new(beside)));
                    }
                }
            }
        }
    }

    /// Lengths that no object has.
    fn derive_lengths(&mut self) {
        for &(length, ..) in &self.scene.numbers {
            let sharing: Vec<_> = self.scene.buffers.iter().filter(|b| b.length == Some(length)).collect();
            let Some(largest) = sharing.iter().map(|buffer| buffer.layout.0).max() else { continue };
            assert!(self.zeros.contains(&length), "{}: what does {length} = 0 do?", self.function);
            let arguments: Vec<_> = sharing.iter().map(|buffer| buffer.called).collect();
            for value in [isize::MAX as usize / largest + 1, 1 << 63, usize::MAX] {
                self.faults.push(Fault {
                    what: format!("{length} = {value}"),
                    change: Box::new(move |s| s.set(length, Number::Size(value))),
                    cause: cause::Length,
                    arguments: arguments.clone(),
                });
            }
        }
    }
}

/// A static string of the library.
pub fn text(pointer: *const c_char) -> &'static str {
    // SAFETY: static, with a terminating zero, whatever the status.
    unsafe { CStr::from_ptr(pointer) }.to_str().expect("UTF-8")
}

fn describe(status: quell_status) -> String {
    format!("\"{}\" of \"{}\"", text(quell_status_str(status)), text(quell_status_argument_str(status)))
}

fn difference(actual: &[u8], expected: &[u8]) -> Option<String> {
    let differing: Vec<_> = (0..actual.len()).filter(|&at| actual[at] != expected[at]).collect();
    let &first = differing.first()?;
    let (is, should) = (actual[first], expected[first]);
    Some(format!("{} bytes differ, the first at {first}: {is:#04x} instead of {should:#04x}", differing.len()))
}

/// Checks all contracts of a section, and fails with all that is wrong.
pub fn check_all(contracts: Vec<Contract>) {
    assert!(!contracts.is_empty());
    let failures: Vec<_> = contracts.into_iter().flat_map(Contract::failures).collect();
    assert!(failures.is_empty(), "{} broken promises:\n{}", failures.len(), failures.join("\n"));
}
