// A client of the checker for Rust, with a solver to put yours in the place of:
//     rustc -O port.rs -o port
//     python -m lbfgsb77 reference check --command ./port
use std::io::{self, BufRead, Write};

/// The next line, or the end of the program.
fn read() -> String {
    let mut line = String::new();
    if io::stdin().lock().read_line(&mut line).unwrap_or(0) == 0 {
        std::process::exit(0);
    }
    line
}

fn say(text: String) {
    println!("{text}");
    io::stdout().flush().unwrap();
}

/// The numbers of a key; `none` where there is null.
fn numbers(line: &str, key: &str, none: f64) -> Vec<f64> {
    let key = format!("\"{key}\":");
    let rest = &line[line.find(&key).unwrap() + key.len()..];
    let stop: &[char] = if rest.starts_with('[') { &[']'] } else { &[',', '}'] };
    let text = &rest[..rest.find(stop).unwrap()];
    let words = text.trim_start_matches('[').split(',').map(|word| word.trim_matches('"'));
    words.map(|word| if word == "null" { none } else { word.parse().unwrap() }).collect()
}

fn number(line: &str, key: &str) -> f64 {
    numbers(line, key, 0.0)[0]
}

/// `{:?}` writes the shortest decimal that is the number.
fn evaluate(x: &[f64]) -> (f64, Vec<f64>) {
    say(format!("{{\"evaluate\":{x:?}}}"));
    let answer = read();
    (number(&answer, "f"), numbers(&answer, "g", 0.0))
}

/// Projected gradient steps, halved until f decreases enough: not L-BFGS-B, only a solver that ends.
fn minimize(start: &str) -> (&'static str, Vec<f64>, f64) {
    let lower = numbers(start, "l", f64::NEG_INFINITY);
    let upper = numbers(start, "u", f64::INFINITY);
    // Equal zeros stay as they are, whatever their signs.
    let clip = |value: f64, i: usize| match value {
        v if v < lower[i] => lower[i],
        v if v > upper[i] => upper[i],
        v => v,
    };
    let mut x = numbers(start, "x0", 0.0);
    for i in 0..x.len() {
        x[i] = clip(x[i], i);
    }
    let (mut f, mut g) = evaluate(&x);
    for nit in 1..=number(start, "maxiter") as usize {
        let norm = (0..x.len()).fold(0.0, |m: f64, i| m.max((clip(x[i] - g[i], i) - x[i]).abs()));
        if norm <= number(start, "pgtol") {
            return ("CONVERGENCE: PROJECTED GRADIENT", x, f);
        }
        let before = f;
        let mut step = 1.0;
        let mut accepted = false;
        for _ in 0..number(start, "maxls") as usize {
            let y: Vec<f64> = (0..x.len()).map(|i| clip(x[i] - step * g[i], i)).collect();
            let slope = (0..x.len()).fold(0.0, |sum, i| sum + g[i] * (y[i] - x[i]));
            let (fy, gy) = evaluate(&y);
            if fy <= f + 1e-4 * slope {
                (x, f, g, accepted) = (y, fy, gy, true);
                break;
            }
            step /= 2.0;
        }
        if !accepted {
            return ("ABNORMAL: NO STEP LOWERS F", x, f);
        }
        say(format!("{{\"iteration\":{nit}}}"));
        let scale = before.abs().max(f.abs()).max(1.0);
        if before - f <= number(start, "factr") * f64::EPSILON * scale {
            return ("CONVERGENCE: RELATIVE REDUCTION OF F", x, f);
        }
    }
    ("ITERATION LIMIT", x, f)
}

fn main() {
    say("{\"hello\":\"projected gradient, Rust\"}".to_string());
    loop {
        let (end, x, f) = minimize(&read());
        say(format!("{{\"end\":\"{end}\",\"f\":{f:?},\"x\":{x:?}}}"));
    }
}
