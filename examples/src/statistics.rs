//! Means of a few sets, and how far they can be trusted.

/// A mean of several sets and how far it can be trusted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Half the width of the 95 % interval of Student's t; none for a single set.
    pub margin: Option<f64>,
}

impl Estimate {
    /// The mean of `values` and its interval, t·√(variance/number).
    pub fn of(values: impl Iterator<Item = f64>) -> Estimate {
        let values: Vec<f64> = values.collect();
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
        let margin = (values.len() > 1)
            .then(|| student_t_975(values.len() as u32 - 1) * (squares / (count - 1.0) / count).sqrt());
        Estimate { mean, margin }
    }

    /// The mean difference of values that belong together in pairs: what both have in common drops out.
    pub fn of_differences(a: impl Iterator<Item = f64>, b: impl Iterator<Item = f64>) -> Estimate {
        Estimate::of(a.zip(b).map(|(a, b)| a - b))
    }

    /// Whether the whole interval is below 0. Without an interval nothing is known.
    pub fn is_negative(self) -> bool {
        self.margin.is_some_and(|margin| self.mean + margin < 0.0)
    }

    /// Whether the whole interval is above 0.
    pub fn is_positive(self) -> bool {
        self.margin.is_some_and(|margin| self.mean - margin > 0.0)
    }

    /// Whether it is no further above `floor` than the interval of the difference.
    pub fn reaches(self, floor: Estimate) -> bool {
        self.mean - floor.mean <= f64::hypot(self.margin.unwrap_or(0.0), floor.margin.unwrap_or(0.0))
    }
}

/// The quantile 0.975 of Student's t: the table of the first thirty, then the expansion around the normal quantile
/// (Abramowitz and Stegun 26.7.5).
fn student_t_975(freedom: u32) -> f64 {
    const FIRST: [f64; 30] = [
        12.7062047, 4.30265273, 3.18244631, 2.77644511, 2.57058184, 2.44691185, 2.36462425, 2.30600414, 2.26215716,
        2.22813885, 2.20098516, 2.17881283, 2.16036866, 2.14478669, 2.13144955, 2.1199053, 2.10981558, 2.10092204,
        2.09302405, 2.08596345, 2.07961384, 2.07387307, 2.06865761, 2.06389856, 2.05953855, 2.05552944, 2.05183052,
        2.04840714, 2.04522964, 2.04227246,
    ];
    const NORMAL: f64 = 1.959_963_984_540_054;
    let at = (freedom as usize).saturating_sub(1);
    FIRST.get(at).copied().unwrap_or_else(|| {
        let (z, n) = (NORMAL, f64::from(freedom));
        let first = (z.powi(3) + z) / 4.0;
        let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
        let third = (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z) / 384.0;
        z + first / n + second / (n * n) + third / (n * n * n)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_is_mean_and_interval() {
        let Estimate { mean, margin } = Estimate::of([1.0, 2.0, 6.0].into_iter());
        assert_eq!(mean, 3.0);
        assert!((margin.unwrap() - 4.30265273 * (14.0f64 / 2.0 / 3.0).sqrt()).abs() < 1e-12);
        assert_eq!(Estimate::of([4.0].into_iter()), Estimate { mean: 4.0, margin: None });
    }

    #[test]
    fn the_table_meets_the_expansion() {
        // Of scipy.stats.t.ppf(0.975, n).
        for (freedom, expected) in [(31, 2.03951345), (40, 2.02107539), (99, 1.98421695), (1000, 1.96233908)] {
            assert!((student_t_975(freedom) / expected - 1.0).abs() < 1e-5, "{freedom}: {}", student_t_975(freedom));
        }
        assert!((1..200).all(|freedom| student_t_975(freedom + 1) < student_t_975(freedom)));
    }

    #[test]
    fn common_noise_drops_out_of_differences() {
        let noise = [3.0, -2.0, 5.0, 1.0];
        let (a, b) = (noise.map(|x| x + 1.0), noise.map(|x| x + 1.5));
        let difference = Estimate::of_differences(a.into_iter(), b.into_iter());
        assert!(difference.is_negative() && !difference.is_positive() && difference.mean == -0.5);
        let (a, b) = (Estimate::of(a.into_iter()), Estimate::of(b.into_iter()));
        assert!(a.margin.unwrap() > 1.0 && b.margin.unwrap() > 1.0);
        assert!(!Estimate { mean: -1.0, margin: None }.is_negative());
        assert!(!Estimate { mean: -1.0, margin: Some(1.0) }.is_negative());
    }

    #[test]
    fn the_floor_is_reached_within_the_interval_of_the_difference() {
        let (exact, floor) = (|mean| Estimate { mean, margin: None }, Estimate { mean: 10.0, margin: Some(6.0) });
        assert!(exact(16.0).reaches(floor) && !exact(16.1).reaches(floor));
        let both = |mean| Estimate { mean, margin: Some(8.0) };
        assert!(both(20.0).reaches(floor) && !both(20.1).reaches(floor) && both(-50.0).reaches(floor));
    }
}
