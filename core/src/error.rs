//! What can be wrong with a call, and with which of its arguments.

use core::ffi::CStr;
use core::fmt;

/// Declares [`Argument`] with the name of each argument beside its number, so that the two cannot drift apart.
macro_rules! arguments {
    ($($(#[$doc:meta])* $variant:ident = $number:literal, $name:literal;)*) => {
        /// The argument that an [`Error`] speaks of. The numbers are stable: the C ABI carries them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        #[repr(u8)]
        pub enum Argument {
            $($(#[$doc])* $variant = $number,)*
        }

        impl Argument {
            /// Every argument there is.
            pub const ALL: &'static [Argument] = &[$(Argument::$variant,)*];

            /// The name of the parameter, as the signatures spell it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Argument::$variant => $name,)*
                }
            }

            /// The same for C.
            pub const fn c_name(self) -> &'static CStr {
                match self {
                    $(Argument::$variant => match CStr::from_bytes_with_nul(concat!($name, "\0").as_bytes()) {
                        Ok(name) => name,
                        Err(_) => c"",
                    },)*
                }
            }
        }
    };
}

arguments! {
    /// The state or the destination of a transformation in place.
    X = 1, "x";
    /// What a solver remembers between network evaluations.
    History = 2, "history";
    /// The network's output (the conditional one under guidance).
    Model = 3, "model";
    /// The network's output without the condition.
    Unconditional = 4, "unconditional";
    /// The estimate of the clean sample, where the host has clipped or thresholded it.
    Denoised = 5, "denoised";
    /// The noise that a step consumes.
    Noise = 6, "noise";
    /// One seed for each batch item.
    Seeds = 7, "seeds";
    /// The inpainting mask.
    Mask = 8, "mask";
    /// The clean sample where the mask is zero.
    Known = 9, "known";
    /// The noise that brings the known sample to the state's noise level.
    KnownNoise = 10, "known_noise";
    /// The scaled input of the next evaluation.
    NextInput = 11, "next_input";
    /// The steps, one or one for each batch item.
    Steps = 12, "steps";
    /// The number of batch items.
    Batch = 13, "batch";
    /// The noise levels of a schedule.
    Levels = 14, "levels";
    /// One noise level.
    Level = 15, "level";
    /// Noise scales.
    Sigmas = 16, "sigmas";
    /// One noise scale.
    Sigma = 17, "sigma";
    /// The smallest noise scale.
    SigmaMin = 18, "sigma_min";
    /// The largest noise scale.
    SigmaMax = 19, "sigma_max";
    /// The standard deviation of the data.
    SigmaData = 20, "sigma_data";
    /// Times at which a network is evaluated.
    Timesteps = 21, "timesteps";
    /// One such time.
    Timestep = 22, "timestep";
    /// Variances added in each training step.
    Betas = 23, "betas";
    /// Cumulative products of 1 − β.
    AlphaBars = 24, "alpha_bars";
    /// The first beta.
    BetaStart = 25, "beta_start";
    /// The last beta.
    BetaEnd = 26, "beta_end";
    /// The cap on a beta.
    BetaMax = 27, "beta_max";
    /// β(t) = β_min + β_d·t: the constant term.
    BetaMin = 28, "beta_min";
    /// β(t) = β_min + β_d·t: the slope.
    BetaD = 29, "beta_d";
    /// The offset of the cosine process.
    Offset = 30, "offset";
    /// The smallest time of a continuous process.
    Epsilon = 31, "epsilon";
    /// Which noise process.
    Process = 32, "process";
    /// What the network predicts.
    Prediction = 33, "prediction";
    /// A schedule as a whole.
    Schedule = 34, "schedule";
    /// The position of a step.
    Index = 35, "index";
    /// A solver's options as a whole.
    Options = 36, "options";
    /// How much noise a stochastic solver adds.
    Eta = 37, "eta";
    /// The factor on the noise that is added.
    SNoise = 38, "s_noise";
    /// How much churn in all.
    SChurn = 39, "s_churn";
    /// Below this noise scale there is no churn.
    STmin = 40, "s_tmin";
    /// Above this noise scale there is no churn.
    STmax = 41, "s_tmax";
    /// The order of a multistep solver.
    Order = 42, "order";
    /// How a second-order term is weighted.
    SecondOrder = 43, "second_order";
    /// The exponent of a spacing.
    Rho = 44, "rho";
    /// The scale c of the closed-form schedule.
    C = 45, "c";
    /// What the last noise level is.
    Last = 46, "last";
    /// How timesteps are spaced.
    Spacing = 47, "spacing";
    /// How many timesteps the network was trained on.
    TrainTimesteps = 48, "train_timesteps";
    /// Which published list.
    List = 49, "list";
    /// The share of a schedule that is run.
    Strength = 50, "strength";
    /// The shift of a flow schedule.
    Shift = 51, "shift";
    /// The logarithm of a dynamic shift, or the shift itself when linear.
    Mu = 52, "mu";
    /// Where a stretched schedule ends.
    Terminal = 53, "terminal";
    /// The length of the image sequence.
    SequenceLength = 54, "sequence_length";
    /// The guidance scale.
    Guidance = 55, "guidance";
    /// How far to rescale guided outputs.
    Rescale = 56, "rescale";
    /// The range to clip to.
    Range = 57, "range";
    /// The quantile of dynamic thresholding.
    Quantile = 58, "quantile";
    /// The largest threshold.
    MaxThreshold = 59, "max_threshold";
    /// Where a result is written.
    Out = 60, "out";
    /// The first of two noise levels.
    From = 61, "from";
    /// The second of two noise levels.
    To = 62, "to";
    /// The generator's counter.
    Counter = 63, "counter";
    /// The generator's key.
    Key = 64, "key";
    /// The inputs of a pass as a whole.
    Inputs = 65, "inputs";
    /// The element at which a sub-range starts.
    FirstElement = 66, "first_element";
    /// A half log signal-to-noise ratio.
    HalfLogSnr = 67, "half_log_snr";
    /// A cumulative product of 1 − β.
    AlphaBar = 68, "alpha_bar";
    /// How many initial steps go without a corrector.
    SkipCorrector = 69, "skip_corrector";
    /// The power in a spacing of times.
    Power = 70, "power";
    /// How the dynamic shift depends on mu.
    ShiftKind = 71, "shift_kind";
    /// How many units of network time a unit of process time is.
    TimeScale = 72, "time_scale";
    /// A step as a whole.
    Step = 73, "step";
    /// A shift of timesteps.
    StepsOffset = 74, "steps_offset";
    /// The reference for a rescale: the conditional output.
    Conditional = 75, "conditional";
    /// A linear combination of state and output.
    Linear = 76, "linear";
    /// The factor on a state.
    Scale = 77, "scale";
    /// The function B(h) of a predictor-corrector.
    BFunction = 78, "b_function";
    /// The first time of a continuous process.
    TMin = 79, "t_min";
    /// The last time of a continuous process.
    TMax = 80, "t_max";
    /// The shift of a short image sequence.
    BaseShift = 81, "base_shift";
    /// The shift of a long image sequence.
    MaxShift = 82, "max_shift";
    /// The sigmas that a schedule is interpolated from.
    Nodes = 83, "nodes";
    /// The noise scale function of an extended reverse-time SDE.
    NoiseScale = 84, "noise_scale";
    /// How many points a sum over an interval has.
    Points = 85, "points";
    /// The variance below which no noise is added.
    NoiseFloor = 86, "noise_floor";
    /// One value of a stream of numbers.
    Value = 87, "value";
    /// Running means and spreads.
    Moments = 88, "moments";
    /// The middle one of three noise levels.
    Middle = 89, "middle";
    /// A uniform random number.
    Uniform = 90, "uniform";
    /// The number of dimensions of the data.
    Dimension = 91, "dimension";
    /// A state at the noise level where an interval starts.
    XFrom = 92, "x_from";
    /// The noise that leads from one state of a path to the next.
    PathNoise = 93, "path_noise";
    /// Running means of candidates' values.
    Values = 94, "values";
    /// Running means of candidates' differences.
    Differences = 95, "differences";
    /// One estimate for each candidate.
    Estimates = 96, "estimates";
    /// A bound on a divergence.
    Klub = 97, "klub";
    /// The solver that a schedule is for.
    Sampler = 98, "sampler";
    /// The costs of the intervals between the points of a grid.
    Costs = 100, "costs";
    /// The points that paths come from.
    Parents = 101, "parents";
    /// The total cost for each number of steps.
    Totals = 102, "totals";
    /// Positions in a grid.
    Indices = 103, "indices";
    /// Memory to work in.
    Scratch = 104, "scratch";
    /// Alternatives for one level of a schedule.
    Candidates = 105, "candidates";
    /// The noise levels that a table is known at.
    Grid = 106, "grid";
    /// A density of steps.
    Density = 107, "density";
    /// Mean squared errors of the denoiser.
    Mmse = 108, "mmse";
    /// Mutual informations of the clean sample and the noisy one.
    Information = 109, "information";
    /// One weight for each value.
    Weights = 110, "weights";
    /// A table as bytes.
    Bytes = 111, "bytes";
    /// The checksum of a saved table.
    Checksum = 112, "checksum";
    /// The version of a format.
    Version = 113, "version";
    /// What a saved table is of.
    Kind = 114, "kind";
    /// The trajectory that is imitated.
    Teacher = 115, "teacher";
    /// The states at all levels.
    States = 116, "states";
    /// The factor on the cost of each further step.
    Coefficient = 117, "coefficient";
    /// Standard errors.
    Errors = 118, "errors";
    /// The clean samples.
    X0 = 119, "x0";
    /// What is added to a thing of its own kind.
    Other = 120, "other";
    /// The network's output at the noise level where an interval starts.
    DenoisedFrom = 121, "denoised_from";
    /// How a leap is held against the teacher.
    Measure = 122, "measure";
    /// How many standard errors make a difference.
    StandardErrors = 123, "standard_errors";
    /// A noise level that was drawn.
    Draw = 124, "draw";
    /// What samples are judged by.
    Criterion = 125, "criterion";
    /// The features of the points, or of the cells of a grid.
    Features = 126, "features";
    /// Centres of clusters.
    Centres = 127, "centres";
    /// One label for each point, cell or pixel.
    Labels = 128, "labels";
    /// One label.
    Label = 129, "label";
    /// How many clusters, masks or classes.
    Clusters = 130, "clusters";
    /// Uniform random numbers.
    Uniforms = 131, "uniforms";
    /// How many times to start anew.
    Restarts = 132, "restarts";
    /// How many candidates to try.
    Trials = 133, "trials";
    /// How many iterations at most.
    MaxIterations = 134, "max_iterations";
    /// Below which change to stop.
    Tolerance = 135, "tolerance";
    /// Memory to work in, in single precision.
    Singles = 136, "singles";
    /// What each batch item is to be offset by.
    Passes = 137, "passes";
    /// How far to push.
    Lambda = 138, "lambda";
    /// The output of a layer.
    H = 139, "h";
    /// How an image lies in memory.
    Layout = 150, "layout";
    /// The number of rows.
    Height = 151, "height";
    /// The number of columns.
    Width = 152, "width";
    /// The number of channels.
    Channels = 153, "channels";
    /// The image from the pass that was pushed down.
    Minus = 154, "minus";
    /// The image from the pass that was pushed up.
    Plus = 155, "plus";
    /// One value for each pixel.
    Map = 156, "map";
    /// The largest value so far.
    Best = 157, "best";
    /// The second largest value so far.
    Second = 158, "second";
    /// How a filter continues a map beyond its edge.
    Boundary = 159, "boundary";
    /// Where a filter's kernel is cut off, in standard deviations.
    Truncate = 160, "truncate";
    /// How the channels' differences become one number.
    Norm = 161, "norm";
    /// How far the read-out of a mask has come.
    Progress = 162, "progress";
    /// The sum of a soft-max at each pixel.
    Sum = 163, "sum";
    /// The sum of a soft-max's weighted exponents at each pixel.
    Moment = 164, "moment";
    /// What a map is divided by.
    Divisor = 165, "divisor";
    /// What is filtered.
    Filtered = 172, "filtered";
    /// How large a map is.
    Size = 173, "size";
    /// The running arg-max over masks as a whole.
    Fold = 174, "fold";
    /// The image that guides a filter.
    Guide = 175, "guide";
    /// A coarse mask or score map.
    Coarse = 176, "coarse";
    /// How far a filter reaches.
    Radius = 177, "radius";
    /// How many rows.
    Rows = 178, "rows";
    /// How many columns.
    Columns = 179, "columns";
    /// One row of pixels.
    Row = 180, "row";
    /// How far apart in space counts as near.
    SigmaSpace = 181, "sigma_space";
    /// How different in the guide counts as near.
    SigmaRange = 182, "sigma_range";
    /// The guide's mean over each cell.
    CoarseGuide = 183, "coarse_guide";
    /// What a filter remembers of its guide.
    Statistics = 184, "statistics";
    /// How far apart the neighbours are.
    Dilations = 185, "dilations";
    /// One vector for each pixel.
    Queries = 186, "queries";
    /// One vector for each cell.
    Keys = 187, "keys";
    /// One component for each pixel.
    Components = 188, "components";
    /// The number of pixels of each component.
    Areas = 189, "areas";
    /// The cells of a coarse grid.
    Cells = 190, "cells";
    /// How values between the centres of cells are found.
    Interpolation = 191, "interpolation";
    /// Which pixels are neighbours.
    Connectivity = 192, "connectivity";
    /// How a query and a key become one number.
    Similarity = 193, "similarity";
    /// True labels.
    Truth = 195, "truth";
    /// Counts of pairs of labels.
    Confusion = 196, "confusion";
    /// The label that is left out.
    Ignore = 197, "ignore";
    /// How many classes.
    Classes = 198, "classes";
    /// One feature vector for each mask.
    Embeddings = 199, "embeddings";
    /// One feature vector for each class.
    Concepts = 200, "concepts";
    /// The class that each cluster stands for.
    ClassOf = 201, "class_of";
    /// Whether the least or the greatest sum is sought.
    Objective = 202, "objective";
    /// How near two feature vectors are.
    Metric = 203, "metric";
    /// Intersections over unions.
    Iou = 204, "iou";
    /// The column that each row is given.
    Assignment = 205, "assignment";
    /// Sums of feature vectors.
    Sums = 208, "sums";
    /// Numbers of pixels.
    Pixels = 209, "pixels";
    /// How far apart two things may lie.
    Distance = 210, "distance";
    /// Memory to keep indices in.
    IndexScratch = 211, "index_scratch";
    /// Boundary pixels and how many of them are found.
    Boundaries = 214, "boundaries";
    /// What is kept from one portion of rows to the next.
    State = 215, "state";
}

impl fmt::Display for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a call did nothing.
///
/// Every function checks all its arguments first: on `Err`, each buffer holds what it held before the call.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// A buffer has a length other than the one that the rest of the call implies.
    Length {
        /// The buffer.
        argument: Argument,
        /// What it should have been.
        expected: usize,
        /// What it was.
        actual: usize,
    },
    /// A buffer is too small. Longer than needed would be accepted.
    TooShort {
        /// The buffer.
        argument: Argument,
        /// The least that suffices.
        needed: usize,
        /// What there was.
        actual: usize,
    },
    /// A parameter is not finite, or outside the range that the function states.
    Domain {
        /// The parameter.
        argument: Argument,
        /// Its value.
        value: f64,
    },
    /// A sequence does not run strictly in the direction that the function states.
    Order {
        /// The sequence.
        argument: Argument,
        /// The first place at which it fails to.
        index: usize,
    },
    /// A number that should choose among alternatives names none of them.
    Unknown {
        /// The parameter.
        argument: Argument,
        /// Its value.
        value: i32,
    },
    /// A null pointer where something is needed (C ABI only).
    Null {
        /// The pointer.
        argument: Argument,
    },
    /// A pointer that is not aligned for its type (C ABI only).
    Misaligned {
        /// The pointer.
        argument: Argument,
    },
    /// A buffer that is written overlaps another buffer of the same call (C ABI only).
    Overlap {
        /// The buffer that is written.
        argument: Argument,
    },
}

impl Error {
    /// The argument at fault.
    pub const fn argument(self) -> Argument {
        match self {
            Error::Length { argument, .. }
            | Error::TooShort { argument, .. }
            | Error::Domain { argument, .. }
            | Error::Order { argument, .. }
            | Error::Unknown { argument, .. }
            | Error::Null { argument }
            | Error::Misaligned { argument }
            | Error::Overlap { argument } => argument,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Error::Length { argument, expected, actual } => {
                write!(f, "{argument}: length {actual}, expected {expected}")
            }
            Error::TooShort { argument, needed, actual } => {
                write!(f, "{argument}: length {actual}, at least {needed} needed")
            }
            Error::Domain { argument, value } => write!(f, "{argument}: {value} is outside its range"),
            Error::Order { argument, index } => write!(f, "{argument}: out of order at position {index}"),
            Error::Unknown { argument, value } => write!(f, "{argument}: {value} names no alternative"),
            Error::Null { argument } => write!(f, "{argument}: null pointer"),
            Error::Misaligned { argument } => write!(f, "{argument}: misaligned pointer"),
            Error::Overlap { argument } => write!(f, "{argument}: overlaps another buffer"),
        }
    }
}

impl core::error::Error for Error {}

/// The checks that constructors and functions share: each names the argument that fails it.
pub(crate) mod check {
    use super::{Argument, Error};

    /// `value` must be finite.
    pub(crate) fn finite(argument: Argument, value: f64) -> Result<f64, Error> {
        // By its bits: without a unit for double precision a comparison is a call.
        if value.is_finite() { Ok(value) } else { Err(Error::Domain { argument, value }) }
    }

    /// `value` must be finite and greater than zero.
    pub(crate) fn positive(argument: Argument, value: f64) -> Result<f64, Error> {
        within(argument, value, f64::from_bits(1), f64::MAX)
    }

    /// `value` must be finite and not negative.
    pub(crate) fn non_negative(argument: Argument, value: f64) -> Result<f64, Error> {
        within(argument, value, 0.0, f64::MAX)
    }

    /// `value` must lie in the closed interval. NaN lies in none.
    pub(crate) fn within(argument: Argument, value: f64, low: f64, high: f64) -> Result<f64, Error> {
        if value >= low && value <= high { Ok(value) } else { Err(Error::Domain { argument, value }) }
    }

    /// A number of things must not be 0.
    pub(crate) fn not_zero(argument: Argument, number: usize) -> Result<(), Error> {
        if number == 0 { Err(Error::Domain { argument, value: 0.0 }) } else { Ok(()) }
    }

    /// `length` must be a whole number of parts of `size`, which must not be 0: how many they are.
    pub(crate) fn parts(argument: Argument, length: usize, of: Argument, size: usize) -> Result<usize, Error> {
        let (Some(count), Some(rest)) = (length.checked_div(size), length.checked_rem(size)) else {
            return Err(Error::Domain { argument: of, value: 0.0 });
        };
        self::length(argument, length - rest, length).map(|()| count)
    }

    /// `actual` must equal `expected`.
    pub(crate) fn length(argument: Argument, expected: usize, actual: usize) -> Result<(), Error> {
        if actual == expected { Ok(()) } else { Err(Error::Length { argument, expected, actual }) }
    }

    /// `actual` must be at least `needed`.
    pub(crate) fn at_least(argument: Argument, needed: usize, actual: usize) -> Result<(), Error> {
        if actual >= needed { Ok(()) } else { Err(Error::TooShort { argument, needed, actual }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::HashSet, string::ToString};

    #[test]
    fn names_and_numbers_are_unique() {
        let names: HashSet<_> = Argument::ALL.iter().map(|a| a.name()).collect();
        let numbers: HashSet<_> = Argument::ALL.iter().map(|&a| a as u8).collect();
        assert_eq!((names.len(), numbers.len()), (Argument::ALL.len(), Argument::ALL.len()));
    }

    #[test]
    fn a_message_names_argument_and_numbers() {
        let error = Error::Length { argument: Argument::Model, expected: 4, actual: 3 };
        assert_eq!(error.to_string(), "model: length 3, expected 4");
        assert_eq!(error.argument(), Argument::Model);
    }

    #[test]
    fn nan_passes_no_check() {
        assert!(check::finite(Argument::Eta, f64::NAN).is_err());
        assert!(check::finite(Argument::Eta, f64::INFINITY).is_err());
        assert!(check::positive(Argument::Eta, 0.0).is_err());
        assert!(check::positive(Argument::Eta, f64::from_bits(1)).is_ok());
        assert!(check::non_negative(Argument::Eta, -0.0).is_ok());
    }

    #[test]
    fn parts_are_whole_and_have_a_size() {
        let parts = |length, size| check::parts(Argument::X, length, Argument::Batch, size);
        assert_eq!((parts(12, 4), parts(0, 4)), (Ok(3), Ok(0)));
        assert_eq!(parts(13, 4), Err(Error::Length { argument: Argument::X, expected: 12, actual: 13 }));
        assert_eq!(parts(13, 0), Err(Error::Domain { argument: Argument::Batch, value: 0.0 }));
        assert!(check::not_zero(Argument::Batch, 1).is_ok() && check::not_zero(Argument::Batch, 0).is_err());
    }
}
