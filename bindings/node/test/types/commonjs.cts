import tessera = require("tessera-sdk");

export const version: string = tessera.version();
export const open: Promise<tessera.App> = tessera.App.open({ product: "player", dataDir: "/tmp/x" });
