import type { HttpOptions } from "./http_request.js";
import type { Progress } from "./progress.js";

/** What HttpClient.download() takes. */
export interface HttpDownloadOptions extends Omit<HttpOptions, "json" | "body" | "maxBodyBytes"> {
  /** 64 hexadecimal digits that the file must have. */
  sha256?: string | undefined;
  /** Bytes that it must have. */
  size?: number | undefined;
  maxBytes?: number | undefined;
  /** Bytes that are here; `total` is 0 while unknown. Called on the event loop. */
  onProgress?: Progress | undefined;
}

/** What a download did. */
export interface HttpDownloadResult {
  /** Bytes of the file. */
  readonly bytes: number;
  /** Bytes that an earlier download had left. */
  readonly resumedFrom: number;
  /** How often this one went on after it broke off. */
  readonly resumes: number;
}
