//! Whole runs: on the networks that are committed, on damaged input, and killed half-way.

use super::options::tests::parse;
use super::*;
use npyz::WriterBuilder;
use quell::random::{self, Stream};
use quell_examples::output::scratch;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The command line of the run that is killed, for the process that runs it.
const ARGUMENTS: &str = "ALIGN_STEPS_TEST_ARGUMENTS";

fn network(name: &str) -> String {
    [env!("CARGO_MANIFEST_DIR"), "networks", name].iter().collect::<PathBuf>().display().to_string()
}

/// A folder with data of a shape: uniform in [−1, 1].
struct Place {
    path: PathBuf,
}

impl Place {
    fn new(name: &str, shape: &[u64]) -> Place {
        let place = Place { path: scratch(&format!("align-{name}")) };
        fs::create_dir_all(&place.path).unwrap();
        let mut values = vec![0f32; shape.iter().product::<u64>() as usize];
        random::fill_uniform(&mut values, Stream { seed: 17, stream: 0, step: 0 }, 0).unwrap();
        values.iter_mut().for_each(|value| *value = 2.0 * *value - 1.0);
        place.write_data(shape, &values);
        place
    }

    fn write_data(&self, shape: &[u64], values: &[f32]) {
        let file = fs::File::create(self.path.join("data.npy")).unwrap();
        let mut writer = npyz::WriteOptions::new().default_dtype().shape(shape).writer(file).begin_nd().unwrap();
        writer.extend(values.iter().copied()).unwrap();
        writer.finish().unwrap();
    }

    fn file(&self, name: &str) -> String {
        self.path.join(name).display().to_string()
    }

    fn arguments(&self, model: &str, extra: &[&str]) -> Vec<String> {
        let fixed = ["--model", &network(model), "--data", &self.file("data.npy"), "--quiet"].map(str::to_owned);
        let mut out = vec!["--out".to_owned(), self.file("schedule.json")];
        if extra.contains(&"--out") {
            out.clear();
        }
        fixed.into_iter().chain(out).chain(extra.iter().map(|&text| text.to_owned())).collect()
    }

    fn run(&self, model: &str, extra: &[&str]) -> Result<(), (u8, String)> {
        let arguments = self.arguments(model, extra);
        let options = parse(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
        main(options).map_err(|Failure { error, code }| (code, format!("{error:#}")))
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path.join(name)).unwrap()
    }

    fn schedule(&self) -> Value {
        serde_json::from_slice(&self.bytes("schedule.json")).unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// A network of four values, in no time.
const TINY: [&str; 10] =
    ["--prediction", "edm", "--sigma-data", "0.5", "--sigma-min", "0.02", "--sigma-max", "20", "--threads", "1"];

#[test]
fn a_schedule_of_the_unet_and_others_without_an_evaluation() {
    let place = Place::new("unet", &[12, 1, 8, 8]);
    let small = ["--levels", "16", "--samples", "8", "--batch", "4", "--threads", "1"];
    place.run("unet.onnx", &[&small[..], &["--steps", "5", "--solver", "ddim"]].concat()).unwrap();
    let file = place.schedule();
    assert_eq!(
        (&file["process"], &file["evaluations"], &file["solver"]),
        (&json!("vp"), &json!(2 * 8 * 16), &json!("ddim"))
    );
    let schedules = file["schedules"].as_array().unwrap();
    let methods: Vec<&str> = schedules.iter().map(|entry| entry["method"].as_str().unwrap()).collect();
    assert_eq!(methods[0], "displacement-distance");
    assert_eq!(methods.len(), Rule::value_variants().len());
    for entry in schedules {
        let numbers = |value: &Value| -> Vec<f64> {
            value.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
        };
        let (sigmas, to_zero) = (numbers(&entry["sigmas"]), numbers(&entry["sigmas_to_zero"]));
        assert_eq!((sigmas.len(), to_zero.len(), numbers(&entry["timesteps"]).len()), (6, 6, 5));
        assert!(sigmas.windows(2).all(|pair| pair[1] < pair[0]));
        assert_eq!((&to_zero[..5], to_zero[5]), (&sigmas[..5], 0.0));
        // The ends of the table of betas.
        assert_eq!(entry["diffusers"]["timesteps"][0], json!(999));
        assert_eq!(entry["comfyui"].as_str().unwrap().split(", ").count(), 6);
        assert!(entry["bound"].as_f64().unwrap() > 0.0);
    }
    let state = place.bytes("schedule.json.state");
    place
        .run("unet.onnx", &[&small[..], &["--steps", "8", "--method", "klub", "--solver", "er-sde-3"]].concat())
        .unwrap();
    assert_eq!(place.bytes("schedule.json.state"), state);
    let file = place.schedule();
    assert_eq!((&file["schedules"][0]["method"], &file["steps"]), (&json!("klub"), &json!(8)));
    // The least bound is that of no other method.
    let bounds: Vec<f64> =
        file["schedules"].as_array().unwrap().iter().map(|entry| entry["bound"].as_f64().unwrap()).collect();
    assert!(bounds.iter().all(|bound| *bound >= bounds[0] * (1.0 - 1e-9)), "{bounds:?}");
}

#[test]
#[ignore = "an endless run, for the next test to kill"]
fn a_run_that_is_killed() {
    let arguments = std::env::var(ARGUMENTS).unwrap();
    main(parse(&arguments.lines().collect::<Vec<_>>()).unwrap()).map_err(|failure| failure.error).unwrap();
}

#[test]
fn a_killed_run_goes_on_to_the_same_bits() {
    let extra = [&TINY[..], &["--samples", "400", "--batch", "3", "--levels", "24", "--steps", "6"]].concat();
    let (killed, whole) = (Place::new("killed", &[40, 4]), Place::new("whole", &[40, 4]));
    let arguments = killed.arguments("odd/one_time.onnx", &[&extra[..], &["--save-every", "0"]].concat()).join("\n");
    for least in [1, 70, 200] {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "align::tests::a_run_that_is_killed", "--ignored", "--quiet"])
            .env(ARGUMENTS, &arguments)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let done = || {
            let mut tables = Tables::new(24, 0.02, 20.0).unwrap();
            let bytes = fs::read(killed.path.join("schedule.json.state")).ok()?;
            let part = &bytes[20..20 + (bytes.len() - 20) / 3];
            let kind = quell::diffusion::bound::save::Kind::Pairs;
            quell::diffusion::bound::save::decode(&mut tables.paths, kind, &tables.grid, part).unwrap();
            Some(tables.paths_done())
        };
        let start = Instant::now();
        while done().is_none_or(|done| done < least) {
            assert!(child.try_wait().unwrap().is_none(), "it ended before it was killed");
            assert!(start.elapsed() < Duration::from_secs(300), "it does not get on");
            std::thread::sleep(Duration::from_millis(2));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(done().is_some_and(|done| (least..400).contains(&done)), "{:?}", done());
        assert!(!killed.path.join("schedule.json").exists());
    }
    killed.run("odd/one_time.onnx", &extra).unwrap();
    whole.run("odd/one_time.onnx", &extra).unwrap();
    for name in ["schedule.json", "schedule.json.state"] {
        assert_eq!(killed.bytes(name), whole.bytes(name), "{name}");
    }
}

#[test]
fn more_samples_are_added_and_fewer_refused() {
    let place = Place::new("more", &[40, 4]);
    let samples =
        |count: &str| place.run("odd/one_time.onnx", &[&TINY[..], &["--levels", "12", "--samples", count]].concat());
    samples("16").unwrap();
    samples("48").unwrap();
    let (code, text) = samples("16").unwrap_err();
    assert!(code == 2 && text.contains("holds 48 samples"), "{text}");
    let grown = place.bytes("schedule.json.state");
    let other = Place::new("more-at-once", &[40, 4]);
    other.run("odd/one_time.onnx", &[&TINY[..], &["--levels", "12", "--samples", "48"]].concat()).unwrap();
    assert_eq!(other.bytes("schedule.json.state"), grown);
}

#[test]
fn a_foreign_or_damaged_state_is_refused_and_kept() {
    let place = Place::new("foreign", &[40, 4]);
    let run = |extra: &[&str]| place.run("odd/one_time.onnx", &[&TINY[..], &["--samples", "8"], extra].concat());
    run(&["--levels", "12"]).unwrap();
    let good = place.bytes("schedule.json.state");
    for (extra, named) in [
        (&["--levels", "13"][..], "another grid, 12 levels"),
        (&["--levels", "12", "--seed", "1"], "another model, data, seed"),
        (&["--levels", "12", "--batch", "5"], "another model, data, seed"),
    ] {
        let (code, text) = run(extra).unwrap_err();
        assert!(code == 2 && text.contains(named) && text.contains("schedule.json.state"), "{text}");
        assert_eq!(place.bytes("schedule.json.state"), good);
    }
    for bad in [&good[..good.len() - 1], b"", b"{}", &good[..20]] {
        fs::write(place.path.join("schedule.json.state"), bad).unwrap();
        let (code, text) = run(&["--levels", "12"]).unwrap_err();
        assert!(code == 2 && text.contains("left as it is"), "{text}");
        assert_eq!(place.bytes("schedule.json.state"), bad);
    }
}

#[test]
fn bad_requests_are_refused_before_the_work() {
    let place = Place::new("bad", &[6, 4]);
    let refused = |model: &str, extra: &[&str], named: &str| {
        let (code, text) = place.run(model, extra).unwrap_err();
        assert!(code == 2 && text.contains(named), "{code} {text:?} does not contain {named:?}");
        assert!(!place.path.join("schedule.json").exists() && !place.path.join("schedule.json.state").exists());
    };
    refused("missing.onnx", &TINY, "missing.onnx");
    refused("odd/three_inputs.onnx", &TINY, "3 inputs");
    refused("odd/short_output.onnx", &TINY, "as large as the state");
    refused("unet.onnx", &[], "reshape the data");
    refused("odd/one_time.onnx", &["--sigma-min", "0.1", "--sigma-max", "2"], "--prediction");
    refused("odd/one_time.onnx", &["--prediction", "edm", "--sigma-data", "0.5"], "--sigma-min");
    refused("odd/one_time.onnx", &["--prediction", "edm", "--sigma-data", "0.5", "--sigma-min", "1"], "--sigma-max");
    refused("odd/one_time.onnx", &[&TINY[..], &["--data-min", "0", "--data-max", "1"]].concat(), "outside 0 to 1");
    let vp = [
        "--prediction",
        "epsilon",
        "--process",
        "vp",
        "--beta-schedule",
        "linear",
        "--beta-start",
        "1e-4",
        "--beta-end",
        "0.02",
        "--num-train-timesteps",
        "1000",
    ];
    refused("odd/one_time.onnx", &[&vp[..], &["--sigma-min", "200"]].concat(), "are none");
    refused("odd/one_time.onnx", &[&vp[..], &["--sigma-min", "0.001"]].concat(), "not from 0.001");
    place.write_data(&[2, 4], &[0.0, 0.0, f32::NAN, 0.0, 0.0, 0.0, 0.0, 0.0]);
    refused("odd/one_time.onnx", &TINY, "NaN at element 2");
}

#[test]
fn places_that_cannot_be_written_to_are_refused() {
    let place = Place::new("out", &[6, 4]);
    fs::write(place.path.join("file"), "in the way").unwrap();
    for (out, named) in [(place.path.join("file/below.json"), "cannot write"), (place.path.clone(), "is a directory")] {
        let out = out.display().to_string();
        let (code, text) = place.run("odd/one_time.onnx", &[&TINY[..], &["--out", &out]].concat()).unwrap_err();
        assert!(code == 2 && text.contains(named) && text.contains("--out"), "{text}");
    }
}

/// A link stands for all that is no plain file: a device in its place would be the machine's.
#[cfg(unix)]
#[test]
fn a_link_or_a_device_is_not_replaced() {
    let place = Place::new("link", &[6, 4]);
    fs::write(place.path.join("file"), "kept").unwrap();
    std::os::unix::fs::symlink("file", place.path.join("schedule.json")).unwrap();
    let (code, text) = place.run("odd/one_time.onnx", &TINY).unwrap_err();
    assert!(code == 2 && text.contains("--out") && text.contains("not a file"), "{text}");
    assert!(place.path.join("schedule.json").is_symlink() && !place.path.join("schedule.json.state").exists());
    assert_eq!(place.bytes("file"), b"kept");
}

#[test]
fn a_network_that_fails_half_way_leaves_its_state() {
    let place = Place::new("nan", &[40, 4]);
    let description =
        ["--prediction", "sample", "--process", "ve", "--sigma-min", "0.1", "--threads", "1", "--samples", "4"];
    // Where its outputs are numbers, and where they are not.
    let run = |sigma_max: &str| {
        place.run("odd/nan_above_two.onnx", &[&description[..], &["--sigma-max", sigma_max]].concat())
    };
    run("1.9").unwrap();
    fs::remove_file(place.path.join("schedule.json")).unwrap();
    fs::remove_file(place.path.join("schedule.json.state")).unwrap();
    let (code, text) = run("3").unwrap_err();
    assert!(code == 1 && text.contains("NaN") && text.contains("sigma 3"), "{code} {text}");
    assert!(place.path.join("schedule.json.state").exists() && !place.path.join("schedule.json").exists());
}
