/** The template of Eta; every value in it is escaped. No script runs in it and nothing is loaded. */
export const reportPage: string = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title><%= it.title %></title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24; background: #fff; }
  h1 { font-size: 1.6rem; } h2 { margin-top: 2.5rem; border-bottom: 2px solid #c9d1d9; } h3 { margin-bottom: 0.3rem; }
  table { border-collapse: collapse; margin: 0.5rem 0 1rem; width: 100%; }
  th, td { border: 1px solid #c9d1d9; padding: 0.3rem 0.7rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
  thead th { background: #f3f5f7; } tfoot th, tfoot td { border-top: 3px double #57606a; font-weight: bold; }
  .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
  .verdict { border: 3px solid; padding: 0.7rem 1rem; font-size: 1.15rem; }
  .good { border-color: #1a7f37; background: #e6f6e9; } .bad { border-color: #b3261e; background: #fde2e0; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 1.2rem; } dt { color: #57606a; } dd { margin: 0; overflow-wrap: anywhere; }
  @media print {
    body { font-size: 10pt; max-width: none; margin: 0; padding: 0; } thead { display: table-header-group; }
    tr, .verdict, dl { break-inside: avoid; } h2, h3 { break-after: avoid; }
    * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  }
  @page { margin: 18mm 15mm; }
</style>
</head>
<body>
<h1><%= it.title %></h1>
<section id="verdict" class="verdict <%= it.verdict.isGood ? "good" : "bad" %>">
<strong><%= it.verdict.headline %></strong>
<% if (it.verdict.remarks.length > 0) { %><ul><% for (const remark of it.verdict.remarks) { %><li><%= remark %></li><% } %></ul><% } %>
</section>

<section id="asked">
<h2>What was asked</h2>
<dl><% for (const [name, value] of it.asked) { %><dt><%= name %></dt><dd><%= value %></dd><% } %></dl>
</section>

<% for (const store of it.stores) { %>
<section class="store">
<h2>Store: <%= store.name %></h2>
<dl><% for (const [name, value] of store.about) { %><dt><%= name %></dt><dd><%= value %></dd><% } %></dl>
<% if (store.trouble !== undefined) { %><p class="verdict bad"><%= store.trouble %></p><% } %>
<% if (store.classes !== undefined) { %>
<h3>The books</h3>
<table class="books">
<thead><tr><th>class</th><th>objects</th><th>what it means</th><th>what to do</th></tr></thead>
<tbody><% for (const row of store.classes) { %>
<tr><td><%= row.name %></td><td class="number"><%= row.count %></td><td><%= row.meaning %></td><td><%= row.advice %></td></tr><% } %>
</tbody>
<tfoot><tr><th>sum</th><td class="number"><%= store.sum %></td><td colspan="2"><%= store.sumText %></td></tr></tfoot>
</table>
<% } else { %><p>Nothing was looked at.</p><% } %>
<% for (const table of store.tables) { %>
<h3><%= table.title %></h3>
<% if (table.remark !== "") { %><p><%= table.remark %></p><% } %>
<table class="<%= table.name %>">
<thead><tr><% for (const head of table.head) { %><th><%= head %></th><% } %></tr></thead>
<tbody><% for (const row of table.rows) { %><tr><% for (const cell of row) { %><td><%= cell %></td><% } %></tr>
<% } %></tbody>
</table>
<% } %>
</section>
<% } %>

<section id="not-proven">
<h2>What this does not prove</h2>
<ul><% for (const one of it.notProven) { %><li><%= one %></li>
<% } %></ul>
</section>
<footer><p><%= it.footer %></p></footer>
</body>
</html>
`;
