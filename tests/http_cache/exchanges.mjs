// Exchanges made up from a seed: a request and its response, a later request for the same URL, and a reply to that.
// Each tells beside its headers what they were made of, so that nobody has to parse them again.

export const START = 1_780_000_000_000;

/** Numbers in [0, 1) from a seed (mulberry32). */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export const httpDate = (ms) => new Date(ms).toUTCString();

const SECONDS = [0, 1, 5, 30, 60, 300, 3600, 86_400];
const STATUSES = [
  ...Array(60).fill(200), 203, 204, 206, 300, 301, 302, 302, 303, 307, 308, 400, 401, 404, 404, 405, 410, 414, 418, 500,
  501, 503,
];
// Each makes a list of directives mean other things to a reader that is less than RFC 9111.
const ODDITIES = {
  case: (list) => list.map((directive) => directive.toUpperCase()),
  repeated: (list) => [...list, "max-age=7", "max-age=9000"],
  number: (list) => [...list.filter((directive) => !directive.startsWith("max-age")), "max-age=600s"],
  quoted: (list) => [...list, 'x-note="a, no-store, no-cache, b"'],
};

export class Exchanges {
  constructor(seed) {
    this.random = generator(seed);
  }

  chance(share) {
    return this.random() < share;
  }
  below(limit) {
    return Math.floor(this.random() * limit);
  }
  pick(list) {
    return list[this.below(list.length)];
  }
  /** `make()` with the likelihood `share`, else undefined. */
  maybe(share, make) {
    return this.chance(share) ? make() : undefined;
  }
  seconds() {
    return this.chance(0.01) ? 99_999_999_999 : this.pick(SECONDS);
  }

  responseDirectives() {
    return {
      "max-age": this.maybe(0.6, () => this.seconds()),
      "s-maxage": this.maybe(0.08, () => this.seconds()),
      "stale-while-revalidate": this.maybe(0.25, () => this.seconds()),
      "stale-if-error": this.maybe(0.3, () => this.seconds()),
      public: this.chance(0.1),
      private: this.chance(0.15),
      "no-cache": this.chance(0.07),
      "no-store": this.chance(0.05),
      "no-transform": this.chance(0.03),
      "must-revalidate": this.chance(0.08),
      "proxy-revalidate": this.chance(0.03),
      "must-understand": this.chance(0.05),
      immutable: this.chance(0.1),
    };
  }

  requestDirectives() {
    if (this.chance(0.5)) return {};
    return {
      "max-age": this.maybe(0.3, () => this.pick(SECONDS)),
      "max-stale": this.maybe(0.3, () => (this.chance(0.3) ? true : this.pick(SECONDS))),
      "min-fresh": this.maybe(0.15, () => this.pick(SECONDS)),
      "stale-if-error": this.maybe(0.1, () => this.pick(SECONDS)),
      "no-cache": this.chance(0.1),
      "no-store": this.chance(0.05),
      "only-if-cached": this.chance(0.12),
    };
  }

  /** The directives as fields of one or two lines, in any order. */
  cacheControl(directives, oddity) {
    let list = Object.entries(directives)
      .filter(([, value]) => value !== undefined && value !== false)
      .map(([name, value]) => (value === true ? name : `${name}=${this.chance(0.1) ? `"${value}"` : value}`))
      .map((directive) => [this.random(), directive])
      .sort(([a], [b]) => a - b)
      .map(([, directive]) => directive);
    if (oddity !== undefined) list = ODDITIES[oddity](list);
    if (list.length === 0) return [];
    const cut = this.chance(0.2) ? this.below(list.length) : 0;
    return [list.slice(0, cut), list.slice(cut)]
      .filter((part) => part.length > 0)
      .map((part) => ["Cache-Control", part.join(this.pick([", ", ",", " , "]))]);
  }

  dateFields(made, responseMs) {
    const kind = this.random();
    made.toldDateMs = undefined;
    if (kind < 0.05) return [];
    if (kind < 0.1) return [["Date", "soon"]];
    if (kind < 0.17) made.dateMs -= this.below(100) * 1000;
    else if (kind < 0.22) made.dateMs += this.below(3600) * 1000;
    made.toldDateMs = made.dateMs;
    return [["Date", httpDate(made.dateMs)]];
  }

  ageFields(made) {
    if (!this.chance(0.25)) return [];
    const odd = this.maybe(0.12, () => this.pick(["5.5", "-30", "30s", "99999999999"]));
    made.hasOddAge = odd !== undefined;
    made.ageS = this.below(100);
    return [["Age", odd ?? (this.chance(0.1) ? `${made.ageS}, 9` : `${made.ageS}`)]];
  }

  expiresFields(made) {
    if (!this.chance(0.25)) return [];
    const kind = this.random();
    if (kind < 0.1) return [["Expires", this.pick(["0", "-1", "never"])]];
    made.expiresS = this.below(4000) - 100;
    const ms = made.dateMs + made.expiresS * 1000;
    made.hasIsoExpires = kind < 0.15;
    return [["Expires", made.hasIsoExpires ? new Date(ms).toISOString() : httpDate(ms)]];
  }

  validatorFields(made) {
    const fields = [];
    made.etag = this.maybe(0.5, () => this.pick(['"a"', '"b"', 'W/"a"']));
    made.hasBadModified = this.chance(0.03);
    made.modified = this.maybe(0.45, () => httpDate(made.dateMs - this.below(1_000_000) * 1000));
    if (made.hasBadModified) made.modified = "some day";
    if (made.etag !== undefined) fields.push(["ETag", made.etag]);
    if (made.modified !== undefined) fields.push(["Last-Modified", made.modified]);
    return fields;
  }

  response(made, responseMs) {
    made.dateMs = Math.floor(responseMs / 1000) * 1000;
    made.told = this.responseDirectives();
    made.oddity = this.maybe(0.06, () => this.pick(Object.keys(ODDITIES)));
    const headers = [
      ...this.dateFields(made, responseMs),
      ...this.ageFields(made),
      ...this.cacheControl(made.told, made.oddity),
      ...this.expiresFields(made),
      ...this.validatorFields(made),
    ];
    made.vary = this.maybe(0.25, () => this.pick(["*", "Accept", "accept, Accept-Language", "X-Tenant"]));
    if (made.vary !== undefined) headers.push(["Vary", made.vary]);
    const hasPragma = this.chance(0.04);
    made.isNoCache = made.told["no-cache"] || (hasPragma && !headers.some(([name]) => name === "Cache-Control"));
    if (hasPragma) headers.push(["Pragma", "no-cache"]);
    if (this.chance(0.05)) headers.push(["Set-Cookie", "a=1"]);
    if (this.chance(0.3)) headers.push(["Content-Type", "application/json"], ["Content-Length", "17"]);
    if (this.chance(0.3)) headers.push(["X-Served-By", "one"]);
    return { status: this.pick(STATUSES), headers };
  }

  /** Fields that a response may vary by. */
  selectors() {
    const headers = [["Host", "api.example.com"]];
    if (this.chance(0.5)) headers.push(["Accept", this.pick(["application/json", "text/html, */*"])]);
    if (this.chance(0.5)) headers.push(["Accept-Language", this.pick(["de", "en"])]);
    if (this.chance(0.3)) headers.push(["X-Tenant", this.pick(["1", "2"])]);
    return headers;
  }

  request(made) {
    made.method = this.pick([...Array(20).fill("GET"), "HEAD", "HEAD", "POST"]);
    made.isRange = this.chance(0.02);
    const headers = this.selectors();
    if (this.chance(0.2)) headers.push(["Authorization", "Bearer one"]);
    if (made.isRange) headers.push(["Range", "bytes=0-9"]);
    if (this.chance(0.03)) headers.push(["Cache-Control", "no-store"]);
    return { method: made.method, url: "/items", headers };
  }

  later(made, request) {
    made.laterMethod = this.pick([...Array(20).fill("GET"), "HEAD", "HEAD", "POST"]);
    made.asked = this.requestDirectives();
    made.hasPragma = this.chance(0.06);
    made.hasOtherUser = this.chance(0.03);
    made.hasConditions = this.chance(0.03);
    const shared = request.headers.filter(([name]) => !["Range", "Cache-Control"].includes(name));
    let headers = this.chance(0.85) ? shared : this.selectors();
    headers = headers.filter(([name]) => name !== "Authorization");
    const user = made.hasOtherUser ? [["Authorization", "Bearer two"]] : shared.filter(([n]) => n === "Authorization");
    headers = [...headers, ...user, ...this.cacheControl(made.asked)];
    if (made.hasPragma) headers.push(["Pragma", "no-cache"]);
    if (made.hasConditions)
      headers.push(this.pick([["If-None-Match", '"z"'], ["Range", "bytes=0-9"], ["If-Match", '"a"']]));
    made.hasCacheControl = headers.some(([name]) => name === "Cache-Control");
    return { method: made.laterMethod, url: this.chance(0.02) ? "/others" : "/items", headers };
  }

  /** Mostly where something begins or ends. */
  laterMs(made, responseMs) {
    if (this.chance(0.02)) return responseMs - 1 - this.below(100_000);
    const lifetime = made.told["max-age"] ?? made.expiresS ?? 0;
    const ends = [
      0,
      lifetime,
      lifetime + (made.told["stale-while-revalidate"] ?? 0),
      lifetime + (made.told["stale-if-error"] ?? 0),
      lifetime + (made.asked["max-stale"] > 1 ? made.asked["max-stale"] : 0),
      lifetime - (made.asked["min-fresh"] ?? 0),
      made.asked["max-age"] ?? 0,
    ].filter((end) => end >= 0 && end < 10_000_000);
    const near = (this.pick(ends) - (made.ageS ?? 0)) * 1000 + this.pick([-1000, -1, 0, 0, 1, 1000]);
    const anywhere = this.below(Math.max(2, Math.min(lifetime, 100_000) * 1500));
    return responseMs + Math.max(0, this.chance(0.6) ? near : anywhere);
  }

  reply(made, nowMs) {
    if (this.chance(0.45)) return { status: this.pick([500, 502, 503, 504, 503, 501, 404, 429]), headers: [] };
    const headers = [];
    if (this.chance(0.8)) headers.push(["Date", httpDate(nowMs)]);
    made.newEtag = this.chance(0.7) ? made.etag : this.pick([undefined, '"a"', 'W/"a"', '"c"', 'W/"c"']);
    if (made.newEtag !== undefined) headers.push(["ETag", made.newEtag]);
    made.newModified = this.chance(0.7) ? made.modified : this.pick([undefined, httpDate(START - 5000)]);
    if (made.newModified !== undefined) headers.push(["Last-Modified", made.newModified]);
    if (this.chance(0.5)) headers.push(["Cache-Control", `max-age=${this.pick(SECONDS)}`]);
    if (this.chance(0.2)) headers.push(["X-Served-By", "two"]);
    if (this.chance(0.1)) headers.push(["Content-Length", "0"]);
    if (this.chance(0.1)) headers.push(["Age", "3"]);
    return { status: 304, headers };
  }

  next() {
    const made = {};
    const responseMs = START + this.below(100_000) * 1000 + (this.chance(0.1) ? this.below(1000) : 0);
    const tookMs = this.chance(0.12) ? 1 + this.below(3000) : 0;
    const request = this.request(made);
    const response = this.response(made, responseMs);
    const later = this.later(made, request);
    const nowMs = this.laterMs(made, responseMs);
    return {
      made,
      heuristic_percent: this.chance(0.5) ? 10 : 0,
      request,
      response,
      later,
      reply: this.reply(made, nowMs),
      request_ms: responseMs - tookMs,
      response_ms: responseMs,
      now_ms: nowMs,
    };
  }
}
