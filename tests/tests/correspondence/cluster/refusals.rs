//! What k-means refuses, and how little it makes do with.

use super::{lloyd, run, seed};
use quell::correspondence::cluster::{
    KMeans, plus_plus, plus_plus_scratch_len, predict, predict_scratch_len, predict_singles_len,
};
use quell::{Argument, Error};
use quell_tests::sampler::same_bits;

/// Each call as it must not be made, and the argument to blame. Nothing may be written.
#[test]
fn bad_input_is_refused_and_nothing_written() {
    type Change = fn(&mut Call);
    struct Call {
        options: KMeans,
        features: Vec<f32>,
        dimension: usize,
        centres: Vec<f64>,
        labels: Vec<u8>,
        uniforms: Vec<f64>,
        short: [usize; 2],
    }
    let call = || {
        let options = KMeans { restarts: 2, trials: 1, ..KMeans::new(3) };
        let features = (0..10).map(|x| x as f32).collect();
        let centres = vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        Call { options, features, dimension: 2, centres, labels: vec![77; 5], uniforms: vec![0.5; 6], short: [0; 2] }
    };
    let both: [(Change, Argument); 21] = [
        (|call| call.options.clusters = 0, Argument::Clusters),
        (|call| call.options.clusters = 6, Argument::Clusters),
        (|call| call.options.clusters = usize::MAX, Argument::Clusters),
        (|call| call.options.max_iterations = 0, Argument::MaxIterations),
        (|call| call.options.tolerance = f64::NAN, Argument::Tolerance),
        (|call| call.options.tolerance = -1.0, Argument::Tolerance),
        (|call| call.dimension = 0, Argument::Dimension),
        (|call| call.dimension = 3, Argument::Features),
        (|call| call.dimension = usize::MAX, Argument::Features),
        (|call| call.features.truncate(9), Argument::Features),
        (|call| call.features.clear(), Argument::Clusters),
        (|call| call.features[9] = f32::NAN, Argument::Features),
        (|call| call.features[0] = f32::INFINITY, Argument::Features),
        (|call| call.features[4] = f32::NEG_INFINITY, Argument::Features),
        (|call| call.centres.truncate(5), Argument::Centres),
        (|call| call.centres.push(0.0), Argument::Centres),
        (|call| call.labels.truncate(4), Argument::Labels),
        (|call| call.labels.push(0), Argument::Labels),
        (|call| call.options.clusters = 2, Argument::Centres),
        (|call| call.short = [1, 0], Argument::Scratch),
        (|call| call.short = [0, 1], Argument::Singles),
    ];
    let of_lloyd: [(Change, Argument); 3] = [
        (|call| call.centres[0] = f64::NAN, Argument::Centres),
        (|call| call.centres[5] = f64::INFINITY, Argument::Centres),
        (|call| call.centres[5] = 1e151, Argument::Centres),
    ];
    let of_run: [(Change, Argument); 7] = [
        (|call| call.options.restarts = 0, Argument::Restarts),
        (|call| call.options.trials = 0, Argument::Trials),
        (|call| call.uniforms.truncate(5), Argument::Uniforms),
        (|call| call.uniforms.push(0.5), Argument::Uniforms),
        (|call| call.uniforms[5] = 1.0, Argument::Uniforms),
        (|call| call.uniforms[0] = -0.1, Argument::Uniforms),
        (|call| call.uniforms[2] = f64::NAN, Argument::Uniforms),
    ];
    let check = |is_run: bool, (change, argument): (Change, Argument)| {
        let mut call = call();
        change(&mut call);
        // Enough for the call as it would be right.
        let options = KMeans { restarts: 2, trials: 1, ..KMeans::new(3) };
        let needed = if is_run { options.run_scratch_len(5, 2) } else { options.lloyd_scratch_len(5, 2) };
        let mut scratch = vec![-7.0; needed - call.short[0]];
        let mut singles = vec![-7.0; options.singles_len(5, 2) - call.short[1]];
        let Call { options, features, dimension, mut centres, mut labels, uniforms, .. } = call;
        let (centres_before, labels_before) = (centres.clone(), labels.clone());
        let (scratch, singles) = (&mut scratch[..], &mut singles[..]);
        let result = if is_run {
            options.run(&mut centres, &mut labels, &features, dimension, &uniforms, scratch, singles)
        } else {
            options.lloyd(&mut centres, &mut labels, &features, dimension, scratch, singles)
        };
        assert_eq!(result.map_err(Error::argument), Err(argument), "{options:?}");
        assert!(same_bits(&centres, &centres_before) && labels == labels_before);
        assert!(scratch.iter().all(|&x| x == -7.0) && singles.iter().all(|&x| x == -7.0));
    };
    both.into_iter().chain(of_lloyd).for_each(|fault| check(false, fault));
    both.into_iter().chain(of_run).for_each(|fault| check(true, fault));
    // And the call itself is right.
    let Call { options, features, centres, uniforms, .. } = call();
    assert!(lloyd::<f32, u8>(&options, &centres, &features, 2).is_ok());
    assert!(run::<f32, u8>(&options, &features, 2, &uniforms).is_ok());
}

#[test]
fn seeds_and_predictions_refuse_bad_input_too() {
    let features = [0f32, 1.0, 2.0, 3.0];
    let argument = |result: Result<f64, Error>| result.map_err(Error::argument).expect_err("bad input");
    let seed = |features: &[f32], clusters, dimension, uniforms: &[f64], trials, short| {
        let (mut centres, mut indices) = (vec![-7.0; clusters * dimension], vec![77; clusters]);
        let mut scratch = vec![-7.0; plus_plus_scratch_len(4, 1, trials) - short];
        let result = plus_plus(&mut centres, &mut indices, features, dimension, uniforms, trials, &mut scratch);
        assert!(centres.iter().chain(&scratch).all(|&x| x == -7.0) && indices.iter().all(|&x| x == 77));
        argument(result)
    };
    assert_eq!(seed(&features, 0, 1, &[], 1, 0), Argument::Clusters);
    assert_eq!(seed(&features, 5, 1, &[0.5; 5], 1, 0), Argument::Clusters);
    assert_eq!(seed(&features, 2, 0, &[0.5; 2], 1, 0), Argument::Dimension);
    assert_eq!(seed(&features, 2, 3, &[0.5; 2], 1, 0), Argument::Features);
    assert_eq!(seed(&features, 2, 1, &[0.5; 2], 0, 0), Argument::Trials);
    assert_eq!(seed(&features, 2, 1, &[0.5; 3], 1, 0), Argument::Uniforms);
    assert_eq!(seed(&features, 2, 1, &[0.5, 1.0], 1, 0), Argument::Uniforms);
    assert_eq!(seed(&features, 2, 1, &[0.5; 2], 1, 1), Argument::Scratch);
    assert_eq!(seed(&[0.0, f32::NAN, 1.0, 2.0], 2, 1, &[0.5; 2], 1, 0), Argument::Features);

    let guess = |features: &[f32], centres: &[f64], dimension, labels: usize, short: [usize; 2]| {
        let mut labels = vec![77u8; labels];
        let mut scratch = vec![-7.0; predict_scratch_len(2, 1) - short[0]];
        let mut singles = vec![-7.0; predict_singles_len(2, 1) - short[1]];
        let result = predict(&mut labels, features, centres, dimension, &mut scratch, &mut singles);
        assert!(scratch.iter().all(|&x| x == -7.0) && singles.iter().all(|&x| x == -7.0));
        assert!(labels.iter().all(|&label| label == 77));
        argument(result)
    };
    assert_eq!(guess(&features, &[], 1, 4, [0, 0]), Argument::Clusters);
    assert_eq!(guess(&features, &vec![0.0; 257], 1, 4, [0, 0]), Argument::Clusters);
    assert_eq!(guess(&features, &[0.0, 1.0], 0, 4, [0, 0]), Argument::Dimension);
    assert_eq!(guess(&features, &[0.0, 1.0, 2.0], 2, 2, [0, 0]), Argument::Centres);
    assert_eq!(guess(&features, &[0.0, 1.0], 1, 3, [0, 0]), Argument::Labels);
    assert_eq!(guess(&features, &[0.0, f64::NAN], 1, 4, [0, 0]), Argument::Centres);
    assert_eq!(guess(&[f32::INFINITY; 4], &[0.0, 1.0], 1, 4, [0, 0]), Argument::Features);
    assert_eq!(guess(&features, &[0.0, 1.0], 1, 4, [1, 0]), Argument::Scratch);
    assert_eq!(guess(&features, &[0.0, 1.0], 1, 4, [0, 1]), Argument::Singles);
}

/// 256 clusters are the most that bytes can tell apart.
#[test]
fn a_label_type_holds_as_many_clusters_as_it_has_values() {
    let features: Vec<f32> = (0..300).map(|x| x as f32).collect();
    let start = |clusters: usize| (0..clusters).map(|k| k as f64).collect::<Vec<_>>();
    let (labels, _, _) = lloyd::<f32, u8>(&KMeans::new(256), &start(256), &features, 1).expect("labels");
    assert!(labels.contains(&255));
    let refused = lloyd::<f32, u8>(&KMeans::new(257), &start(257), &features, 1);
    assert_eq!(refused.map(|_| ()), Err(Error::Domain { argument: Argument::Clusters, value: 257.0 }));
    assert!(lloyd::<f32, u16>(&KMeans::new(257), &start(257), &features, 1).is_ok());
}

/// Points that coincide leave nothing to choose from.
#[test]
fn fewer_places_than_clusters_are_defined() {
    let features = [2f32; 6];
    let (indices, _, potential) = seed(&features, 1, 3, &[0.5, 0.2, 0.9], 1).expect("points");
    assert_eq!((indices, potential), (vec![3, 5, 5], 0.0));
    let options = KMeans { trials: 1, ..KMeans::new(3) };
    let (labels, centres, fit) = run::<f32, u8>(&options, &features, 1, &[0.5, 0.2, 0.9]).expect("points");
    assert_eq!((labels, centres, fit.inertia), (vec![0; 6], vec![2.0; 3], 0.0));
}
