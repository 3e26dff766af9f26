import { Eta } from "eta";
import { isClean, type Matrix } from "./matrix.ts";

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Letterlock: adapters and servers</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24; background: #fff; }
  table { border-collapse: collapse; margin: 1rem 0; }
  th, td { border: 1px solid #c9d1d9; padding: 0.3rem 0.7rem; text-align: left; vertical-align: top; }
  td.number { text-align: right; font-variant-numeric: tabular-nums; }
  .passed { background: #e6f6e9; } .unproven { background: #fff6d8; } .failed { background: #fde2e0; font-weight: bold; }
  details { margin: 0.5rem 0; } summary { cursor: pointer; }
</style>
</head>
<body>
<h1>Letterlock: adapters and servers</h1>
<p class="<%= it.clean ? "passed" : "failed" %>"><%= it.clean ? "Nothing failed." : "Something failed." %></p>
<h2>Conformance</h2>
<table>
<tr><th>adapter</th><th>server</th><th>passed</th><th>unproven</th><th>failed</th></tr>
<% for (const cell of it.cells) { %>
<tr><td><%= cell.adapter %></td><td><%= cell.server %></td><td class="number passed"><%= cell.passed %></td>
<td class="number<%= cell.unproven > 0 ? " unproven" : "" %>"><%= cell.unproven %></td>
<td class="number<%= cell.failed > 0 ? " failed" : "" %>"><%= cell.failed %></td></tr>
<% } %>
</table>
<% for (const cell of it.cells) { %>
<details><summary><%= cell.adapter %> on <%= cell.server %></summary>
<table>
<tr><th>case</th><th>the adapter</th><th>outcome</th><th>remark</th></tr>
<% for (const result of cell.results) { %>
<tr><td><%= result.id %></td><td><%= result.title %></td><td class="<%= result.outcome %>"><%= result.outcome %></td><td><%= result.explanation ?? result.reason ?? "" %></td></tr>
<% } %>
</table></details>
<% } %>
<h2>Every ordered pair</h2>
<p>Sealed under the first, rewrapped to the second, opened with the second; the payload is not touched.</p>
<table>
<tr><th>from</th><th>to</th><th>outcome</th></tr>
<% for (const pair of it.pairs) { %>
<tr><td><%= pair.from %></td><td><%= pair.to %></td><td class="<%= pair.error ? "failed" : "passed" %>"><%= pair.error ?? "passed" %></td></tr>
<% } %>
</table>
<h2>One of three providers down</h2>
<table>
<tr><th>recipients</th><th>down</th><th>opened by</th><th>outcome</th></tr>
<% for (const outage of it.outages) { %>
<tr><td><%= outage.recipients.join(", ") %></td><td><%= outage.down %></td><td><%= outage.openedBy ?? "" %></td>
<td class="<%= outage.error ? "failed" : "passed" %>"><%= outage.error ?? "passed" %></td></tr>
<% } %>
</table>
<% if (it.absent.length > 0) { %>
<h2>Not run here</h2>
<table>
<tr><th>adapter</th><th>server</th><th>why</th></tr>
<% for (const absent of it.absent) { %>
<tr><td><%= absent.adapter %></td><td><%= absent.server %></td><td class="unproven"><%= absent.reason %></td></tr>
<% } %>
</table>
<% } %>
</body>
</html>
`;

/** A page that stands alone: no script, nothing loaded. */
export function htmlReport(matrix: Matrix): string {
  return new Eta({ autoEscape: true }).renderString(page, { ...matrix, clean: isClean(matrix) });
}
