import { LetterlockError, type ObjectInfo } from "@letterlock/core";
import type { StoredObject } from "./envelope-store.ts";
import { type Outcome, outcomeOfError } from "./outcome.ts";
import { formOf, headBytes, inspectHead, readForm, type StoredForm } from "./stored-form.ts";

/** What is ours and whole, as far as that shows offline. Nothing in `info` is authenticated. */
export interface Found {
  readonly stored: StoredObject;
  readonly form: StoredForm;
  readonly info: ObjectInfo;
  /** Everything, where it is not more than `headBytes`. */
  readonly head: Uint8Array;
}

/** Reads no more than a head. */
export async function findObject(stored: StoredObject): Promise<Found | Outcome> {
  const { id, size } = stored;
  try {
    const head = await (size <= headBytes ? stored.read() : stored.readHead(headBytes));
    const form = formOf(head);
    if (form === undefined) return { id, class: "foreign", reason: "it is no object of Letterlock" };
    const info = inspectHead(head, Math.max(size, head.length), form);
    if (info.type === "envelope" && info.plaintextBytes === undefined)
      throw new LetterlockError("truncated", "the payload has no final segment");
    return { stored, form, info, head };
  } catch (error) {
    return outcomeOfError(id, error);
  }
}

/** The whole object, and how it is written down: of a text, only its end shows whether a line break is after it. */
export async function objectOf({ stored, head, form }: Found): Promise<{ readonly object: Uint8Array; readonly form: StoredForm }> {
  const whole = head.length >= stored.size ? head : await stored.read();
  const wholeForm = form.form === "bytes" ? form : (formOf(whole) ?? form);
  return { object: readForm(whole, wholeForm), form: wholeForm };
}
