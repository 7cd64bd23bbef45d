# usage: main.py DATA_DIR ROOT_PUBLIC_KEY [LICENCE_FILE]
# Says whether this application is licensed here, and what identifies this machine.
import pathlib
import sys

import tessera


def main(data_dir: str, root_key: str, licence_file: str | None = None) -> int:
    with tessera.App.open(product="player", data_dir=data_dir, trusted_keys=[root_key], keystore="file") as app:
        if licence_file:
            app.license.import_bundle(pathlib.Path(licence_file).read_bytes())

        verdict = app.license.check()  # a memory read: ask as often as you like
        print(verdict.explain())
        if verdict:
            print(f"copies a month: {verdict.entitlement('copies.monthly').value or 0}")

        print(tessera.Hwid.probe().explain())
        return 0 if verdict else 2


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except tessera.Error as error:
        sys.exit(str(error))
