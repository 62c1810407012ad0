"use strict";
document.getElementById("sample").textContent = `curl '${location.origin}/v1/sites?region=350500000000'`;
