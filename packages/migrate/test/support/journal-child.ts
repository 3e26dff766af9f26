// A runner of its own: it writes the number of outcomes that it is told into a journal, says so, and waits for its end.
import { openJournal } from "../../src/journal.ts";
import { start } from "./journal-beside.ts";

const [path = "", count = "0"] = process.argv.slice(2);
const journal = openJournal(path, { onWarning: (message) => console.log(`warning: ${message}`) });
const kept = journal.begin({ ...start, store: `store of ${process.pid}` });
for (let n = 0; n < Number(count); n++) kept.outcome({ id: `${process.pid} ${n}`, class: "failed", code: "store" });
console.log("written");
process.stdin.on("data", () => {
  kept.end("done");
  journal.close();
  process.exit(0);
});
