"use strict";
const place = document.getElementById("asyncapi");
const config = { show: { sidebar: true, errors: true }, sidebar: { showOperations: "byDefault" } };
// Fetched here, so that the note stands until there is something to show: the viewer itself begins with an empty page.
fetch("/asyncapi.json")
  .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
  .then((schema) => setTimeout(() => AsyncApiStandalone.render({ schema, config }, place), 50))
  .catch(() => {
    place.querySelector(".wait").textContent = "文档没有打开，请刷新页面。 The document did not open; reload the page.";
  });
