//! Makes a failing program smaller: the smallest one found that still fails is easiest to read.
//!
//! It works on the program's JSON and knows nothing of its meaning: entries of lists are left out,
//! an alternative is replaced by one of its own parts, numbers become smaller. What is no program any more does not
//! count.

use std::collections::HashSet;

use serde_json::Value;

use crate::program::Program;

/// The smallest program found for which `fails` still holds. `budget` limits how many are tried.
pub fn smallest(
    program: &Program,
    mut budget: u32,
    mut fails: impl FnMut(&Program) -> bool,
) -> Program {
    let Ok(mut current) = serde_json::to_value(program) else {
        return program.clone();
    };
    let mut tried = HashSet::new();
    loop {
        let simpler = candidates(&current).into_iter().find(|candidate| {
            if budget == 0 || !tried.insert(candidate.to_string()) {
                return false;
            }
            let program = serde_json::from_value::<Program>(candidate.clone());
            budget -= u32::from(program.is_ok());
            program.is_ok_and(|program| fails(&program))
        });
        match simpler {
            Some(simpler) => current = simpler,
            None => return serde_json::from_value(current).unwrap_or_else(|_| program.clone()),
        }
    }
}

/// Simpler forms of a value: those of the whole first, then those of its parts.
fn candidates(value: &Value) -> Vec<Value> {
    let mut out = Vec::new();
    match value {
        Value::Array(entries) => {
            if entries.len() > 3 {
                let half = entries.len() / 2;
                out.push(Value::Array(entries[half..].to_vec()));
                out.push(Value::Array(entries[..half].to_vec()));
            }
            for number in (0..entries.len()).rev() {
                let mut fewer = entries.clone();
                fewer.remove(number);
                out.push(Value::Array(fewer));
            }
            for (number, entry) in entries.iter().enumerate() {
                for simpler in candidates(entry) {
                    let mut changed = entries.clone();
                    changed[number] = simpler;
                    out.push(Value::Array(changed));
                }
            }
        }
        Value::Object(members) => {
            // An alternative without data, a plain type, or a part of the same kind.
            if members.len() == 1 {
                for simple in ["Same", "Scalar", "Whole", "All", "Default"] {
                    out.push(simple.into());
                }
                out.push(serde_json::json!({ "Predefined": "NATIVE_INT" }));
                out.extend(members.values().cloned());
                for inner in members.values().filter_map(Value::as_object) {
                    out.extend(inner.get("base").cloned());
                    let inner_members = inner.get("members").and_then(Value::as_array);
                    let types = inner_members.into_iter().flatten();
                    out.extend(types.filter_map(|member| member.get("ty")).cloned());
                }
            }
            for (name, member) in members {
                // Names of the library's variables stay whole: HDF5 has no H5T_a_g.
                if name == "Predefined" {
                    continue;
                }
                for simpler in candidates(member) {
                    let mut changed = members.clone();
                    changed.insert(name.clone(), simpler);
                    out.push(Value::Object(changed));
                }
            }
        }
        Value::Number(number) => {
            if let Some(number) = number.as_u64().filter(|number| *number > 0) {
                out.push(0.into());
                if number > 1 {
                    out.push(1.into());
                    out.push((number / 2).into());
                    out.push((number - 1).into());
                }
                out.push(Value::Null);
            }
        }
        Value::Bool(true) => out.push(false.into()),
        Value::String(text) if text.starts_with('/') && text.len() > 1 => out.push("/".into()),
        Value::String(text) if text.len() > 1 && text != "a" => {
            out.extend(["a".into(), Value::Null])
        }
        _ => {}
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Step;

    #[test]
    fn names_of_the_library_stay_whole() {
        let ty = serde_json::json!({ "base": { "Predefined": "IEEE_F64BE" }, "name": "long" });
        let all = candidates(&ty);
        let of_base =
            |candidate: &Value| candidate["base"]["Predefined"].as_str().map(str::to_owned);
        let names: Vec<String> = all.iter().filter_map(of_base).collect();
        assert!(names.iter().any(|name| name == "NATIVE_INT"));
        assert!(!names.iter().any(|name| name == "a"));
        assert!(all.iter().any(|candidate| candidate["name"] == "a"));
    }

    #[test]
    fn what_does_not_matter_goes() {
        let mut program = Program {
            ordered: true,
            steps: Vec::new(),
        };
        for number in 0..20 {
            program.steps.push(Step::Close(number));
        }
        program.steps.insert(7, Step::Reopen { write: true });
        let found = smallest(&program, 1000, |program| {
            program
                .steps
                .iter()
                .any(|step| matches!(step, Step::Reopen { .. }))
        });
        let steps = vec![Step::Reopen { write: false }];
        assert_eq!(
            found,
            Program {
                ordered: false,
                steps
            }
        );
    }
}
