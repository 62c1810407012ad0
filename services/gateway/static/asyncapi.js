"use strict";
AsyncApiStandalone.render(
  { schema: { url: "/asyncapi.json" }, config: { show: { sidebar: true, errors: true }, sidebar: { showOperations: "byDefault" } } },
  document.getElementById("asyncapi"),
);
