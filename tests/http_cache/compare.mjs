// Compares what the cache decides with what http-cache-semantics decides, on exchanges made up from a seed.
// usage: node compare.mjs DRIVER FOLDER [SEED]; the package is installed into FOLDER.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

import { Exchanges } from "./exchanges.mjs";

const EXCHANGES = 10_000;
const LEAST_AGREED = 500;
const LEAST_OF_EACH = 50; // agreed exchanges with each outcome
const [driver, place, seed = "9111"] = process.argv.slice(2);
const folder = resolve(place);

/** npm ci, unless the lock file is the one that was installed last. */
function installLocked() {
  mkdirSync(folder, { recursive: true });
  const lock = readFileSync(new URL("package-lock.json", import.meta.url), "utf8");
  const stamp = join(folder, "node_modules", ".tessera-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  for (const name of ["package.json", "package-lock.json"])
    copyFileSync(new URL(name, import.meta.url), join(folder, name));
  const options = { cwd: folder, encoding: "utf8" };
  const done = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"], options);
  if (done.status !== 0) throw new Error(`npm ci failed: ${done.error ?? done.stderr}`);
  writeFileSync(stamp, lock);
}

installLocked();
const CachePolicy = createRequire(join(folder, "package.json"))("http-cache-semantics");

let clock = 0;
class Policy extends CachePolicy {
  now() {
    return clock;
  }
}

// Where the package differs from the RFCs, or this cache does less than they allow ("choice"). A difference that
// one of these explains is not counted as agreement; `most` bounds how many exchanges of EXCHANGES it may take.
const REASONS = {
  must_understand: [40, "9111 5.2.2.3: no-store beside must-understand is for caches that don't know the status"],
  private: [250, "9111 3: the private directive lets a private cache store any final status"],
  post: [400, "9110 9.3.3: POST is stored only with a Content-Location that is its URL"],
  vary_star: [700, "9111 4.1: no request matches; choice: so it is not stored"],
  range: [260, "9111 3.3: choice: nothing that was asked for as a part is stored"],
  syntax: [600, "9111 5.2, 1.2.2 and 4.2.1: names have no case, malformed and repeated numbers, quoted strings"],
  huge: [100, "9111 1.2.2: more than 2^31 seconds are 2^31"],
  iso_date: [70, "9110 5.6.7: Expires in another form than a HTTP-date is a time in the past"],
  age: [2200, "9111 4.2.3: an earlier Date and the time that the response took add to the age"],
  odd_age: [320, "9111 5.1: an Age that is no number of seconds is passed over"],
  clock: [200, "9111 4.2.3: choice: the age is unknown after the clock was set back"],
  must_revalidate: [220, "9111 5.2.2.2: must-revalidate begins where freshness ends, and then allows no exception"],
  head: [320, "9111 4 and 9110 9.3.2: a stored response to GET answers HEAD"],
  pragma: [80, "9111 5.4: Pragma counts only where there is no Cache-Control"],
  max_stale: [30, "9111 5.2.1.2: max-stale allows no more than so many seconds, and so many"],
  no_cache: [140, "9111 5.2.2.4: without success of a validation nothing allows a stale no-cache response"],
  immutable: [40, "8246 2: what is immutable is not asked about while it is fresh, unless by no-cache"],
  other_user: [90, "9111 3.5: choice: what was stored for one user does not answer another"],
  conditions: [120, "9111 4.3.2: choice: who sends conditions or Range gets what the server says"],
  weak_head: [40, "9110 13.1.2: If-None-Match may hold weak tags, whatever the method"],
  bad_modified: [160, "9110 13.1.3: If-Modified-Since holds a HTTP-date"],
  asked_on_error: [60, "5861 4: stale-if-error in a request counts for this request"],
  reload_on_error: [110, "9111 5.2.1.4: choice: who asks for a new response gets the error"],
  fresh_on_error: [110, "9111 4.2.4: without stale-if-error there is no permission that the request had not ruled out"],
  no_validator: [300, "9111 4.3.4: choice: a 304 that names no validator confirms the one that was sent"],
  added: [1200, "9111 3.2: a 304 adds fields that were not stored"],
  old_age: [1500, "9111 4.2.3: Age and Date of the older response say nothing of the newer"],
  weak_stays: [80, "8.8.1 of 9110: choice: a weak tag does not get strong by a 304"],
};

const explained = Object.fromEntries(Object.keys(REASONS).map((name) => [name, 0]));
const agreedBy = {};
const failures = [];
let agreed = 0;

const lowerCase = ({ headers }) => {
  const fields = {};
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    fields[key] = key in fields ? `${fields[key]}, ${value}` : value;
  }
  return fields;
};

/** The names of those conditions that hold. */
const holding = (conditions) => Object.keys(conditions).filter((name) => conditions[name]);

/** What RFC 9111 section 4.2.3 adds to the Age that the response told, in milliseconds. */
function addedAge({ made, request_ms, response_ms }) {
  const toldMs = (made.ageS ?? 0) * 1000;
  const apparentMs = response_ms - (made.toldDateMs ?? response_ms);
  return Math.max(apparentMs, toldMs + response_ms - request_ms) - toldMs;
}

/** What the package decides, in the driver's words. */
function packageDecides(exchange) {
  const message = (part) => ({ ...part, headers: lowerCase(part) });
  const later = message(exchange.later);
  const reply = message(exchange.reply);
  clock = exchange.response_ms;
  const policy = new Policy(message(exchange.request), message(exchange.response), {
    shared: false,
    cacheHeuristic: exchange.heuristic_percent / 100,
    immutableMinTimeToLive: 0,
  });
  clock = exchange.now_ms;
  const plain_age_ms = Math.round(policy.age() * 1000);
  // From here on it is as old to the package as it is to the RFC.
  clock += addedAge(exchange);
  const { response, revalidation } = policy.evaluateRequest(later);
  const use = response === undefined ? "ask" : revalidation === undefined ? "use" : "refresh";
  const sent = policy.revalidationHeaders(later);
  const after = policy.revalidatedPolicy(later, reply);
  return {
    storable: policy.storable(),
    lifetime_ms: Math.floor(Math.max(0, policy.maxAge()) * 1000 + 0.001),
    plain_age_ms,
    age_ms: Math.round(policy.age() * 1000),
    use,
    conditions: { "if-none-match": sent["if-none-match"], "if-modified-since": sent["if-modified-since"] },
    covers_error: after.policy === policy,
    confirmed: after.matches && after.policy !== policy ? after.policy._resHeaders : null,
  };
}

/** What the package says of the stored response is what a client that keeps to only-if-cached would do then. */
function expectedUse(use, asked) {
  if (!asked["only-if-cached"]) return use;
  return use === "ask" ? "not cached" : "use";
}

const OUR_USE = { miss: "ask", validate: "ask", fresh: "use", stale: "use", refresh: "refresh", "not cached": "not cached" };

/** The comparisons of one exchange: name, our value, the package's, and what may explain a difference. */
function* comparisons(exchange, ours, theirs) {
  const { made } = exchange;
  const { told, asked } = made;
  const isOdd = made.oddity !== undefined;
  const fresh = ours.age_ms !== null && ours.age_ms < ours.lifetime_ms;
  const hasHuge = [...Object.values(told), 0].some((value) => value > 2 ** 31);

  yield ["storable", ours.may_store, theirs.storable, holding({
    must_understand: told["must-understand"] && told["no-store"],
    private: told.private,
    post: made.method === "POST",
    vary_star: made.vary === "*",
    range: made.isRange,
    syntax: isOdd,
  })];
  if (!ours.may_store || !theirs.storable) return;

  const ofLifetime = { huge: hasHuge, iso_date: made.hasIsoExpires, syntax: isOdd };
  // The package has no lifetime where it would always validate.
  if (!made.isNoCache)
    yield ["lifetime", ours.lifetime_ms, theirs.lifetime_ms, holding(ofLifetime)];
  const ofAge = { odd_age: made.hasOddAge, clock: ours.age_ms === null };
  yield ["age as told", ours.age_ms, theirs.plain_age_ms, holding({ ...ofAge, age: addedAge(exchange) > 0 })];
  yield ["age", ours.age_ms, theirs.age_ms, holding(ofAge)];

  const staleBy = ours.age_ms - ours.lifetime_ms;
  const use = OUR_USE[ours.reuse];
  yield ["use", use, expectedUse(theirs.use, asked), holding({
    ...ofLifetime,
    ...ofAge,
    must_revalidate: told["must-revalidate"],
    head: made.laterMethod === "HEAD" && made.method === "GET",
    pragma: made.hasPragma && made.hasCacheControl,
    max_stale: staleBy === asked["max-stale"] * 1000,
    no_cache: made.isNoCache && (asked["max-stale"] !== undefined || told["stale-while-revalidate"] > 0),
    immutable: told.immutable && fresh && asked["max-age"] * 1000 < ours.age_ms,
    other_user: made.hasOtherUser,
    conditions: made.hasConditions,
  })];

  if (ours.reuse === "validate" || ours.reuse === "refresh") {
    for (const name of ["if-none-match", "if-modified-since"])
      yield [name, ours.conditions[name], theirs.conditions[name], holding({
        weak_head: made.method === "HEAD",
        bad_modified: made.hasBadModified,
      })];
    if (exchange.reply.status !== 304)
      yield ["covers error", ours.covers_error, theirs.covers_error, holding({
        ...ofLifetime,
        ...ofAge,
        must_revalidate: told["must-revalidate"],
        no_cache: made.isNoCache,
        asked_on_error: asked["stale-if-error"] !== undefined,
        reload_on_error: asked["no-cache"] || (made.hasPragma && !made.hasCacheControl),
        fresh_on_error: fresh && !told["stale-if-error"],
      })];
  }
  if (exchange.reply.status === 304) yield* confirmations(made, ours.confirmed, theirs.confirmed, exchange);
}

/** What a 304 does, field by field. */
function* confirmations(made, ours, theirs, exchange) {
  const told = lowerCase(exchange.reply);
  yield ["confirmed", ours !== null, theirs !== null, holding({
    no_validator: made.newEtag === undefined && made.newModified === undefined,
    })];
  if (ours === null || theirs === null) return;
  for (const name of new Set([...Object.keys(ours), ...Object.keys(theirs)]))
    yield [`confirmed ${name}`, ours[name], theirs[name], holding({
      added: name in told && !(name in lowerCase(exchange.response)),
      old_age: ["age", "date"].includes(name) && !(name in told),
      weak_stays: name === "etag" && made.etag?.startsWith("W/") && made.newEtag?.startsWith("\""),
    })];
}

function check(exchange, ours) {
  const theirs = packageDecides(exchange);
  const reasons = new Set();
  let isDecided = false;
  for (const [name, our, their, explanations] of comparisons(exchange, ours, theirs)) {
    isDecided ||= name === "use";
    if (our === their) continue;
    if (explanations.length === 0) failures.push({ name, our, their, exchange: { ...exchange, made: undefined } });
    for (const explanation of explanations) reasons.add(explanation);
  }
  for (const reason of reasons) ++explained[reason];
  if (!isDecided || reasons.size > 0) return;
  ++agreed;
  agreedBy[ours.reuse] = (agreedBy[ours.reuse] ?? 0) + 1;
  for (const name of ["covers_error", "confirmed"]) if (ours[name]) agreedBy[name] = (agreedBy[name] ?? 0) + 1;
}

const source = new Exchanges(Number(seed));
const exchanges = Array.from({ length: EXCHANGES }, () => source.next());
const lines = exchanges.map((exchange) => JSON.stringify({ ...exchange, made: undefined }));
const done = spawnSync(driver, { input: lines.join("\n") + "\n", encoding: "utf8", maxBuffer: 2 ** 28 });
if (done.status !== 0) throw new Error(`the driver failed: ${done.error ?? done.stderr}`);
const decisions = done.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
if (decisions.length !== EXCHANGES) throw new Error(`the driver decided ${decisions.length} of ${EXCHANGES}`);
exchanges.forEach((exchange, index) => check(exchange, decisions[index]));

const complaints = [];
for (const failure of failures.slice(0, 5)) complaints.push(`not explained: ${JSON.stringify(failure)}`);
if (failures.length > 5) complaints.push(`and ${failures.length - 5} more`);
for (const [name, [most, text]] of Object.entries(REASONS)) {
  console.log(`${String(explained[name]).padStart(5)} of at most ${most}: ${name}: ${text}`);
  if (explained[name] > most) complaints.push(`${name} explains ${explained[name]} exchanges, more than ${most}`);
  if (explained[name] === 0) complaints.push(`${name} explains nothing`);
}
for (const outcome of [...Object.keys(OUR_USE), "covers_error", "confirmed"]) {
  console.log(`${String(agreedBy[outcome] ?? 0).padStart(5)} agreed: ${outcome}`);
  if (!(agreedBy[outcome] >= LEAST_OF_EACH)) complaints.push(`fewer than ${LEAST_OF_EACH} agreed: ${outcome}`);
}
console.log(`${agreed} of ${EXCHANGES} exchanges agree in every comparison`);
if (agreed < LEAST_AGREED) complaints.push(`fewer than ${LEAST_AGREED} exchanges agree`);
for (const complaint of complaints) console.error(complaint);
process.exitCode = complaints.length === 0 ? 0 : 1;
