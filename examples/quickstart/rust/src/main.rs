//! usage: quickstart DATA_DIR ROOT_PUBLIC_KEY [LICENCE_FILE]
//! Says whether this application is licensed here, and what identifies this machine.
mod tessera;

use std::{env, error::Error, fs, process::exit};

fn run() -> Result<bool, Box<dyn Error>> {
    let usage = "usage: quickstart DATA_DIR ROOT_PUBLIC_KEY [LICENCE_FILE]";
    let mut args = env::args().skip(1);
    let (data_dir, root_key) = (args.next().ok_or(usage)?, args.next().ok_or(usage)?);
    // Debug of a str is JSON too as long as it holds printable characters only.
    let config = format!(
        r#"{{"product":"player","data_dir":{data_dir:?},"trusted_keys":[{root_key:?}],"keystore":"file"}}"#
    );
    let license = tessera::License::open(&config)?;
    if let Some(path) = args.next() {
        license.import(&fs::read(path)?)?;
    }
    let verdict = license.check()?; // a memory read: ask as often as you like
    println!("{}", verdict.explain()?);
    if verdict.usable() {
        println!(
            "copies a month: {}",
            verdict.entitlement_int("copies.monthly")
        );
    }
    println!("{}", tessera::Hwid::probe()?.explain()?);
    license.close()?;
    Ok(verdict.usable())
}

fn main() {
    let usable = run().unwrap_or_else(|error| {
        eprintln!("{error}");
        exit(1)
    });
    exit(if usable { 0 } else { 2 })
}
