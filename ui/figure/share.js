// What leaves the page: a PNG of the exported drawing, and copied words.
function button(text, press) {
  const b = document.createElement("button");
  b.type = "button";
  b.textContent = text;
  b.addEventListener("click", () => press(b));
  return b;
}

// answer says for a moment in the button itself what became of it.
function answer(b, text) {
  const before = b.dataset.text ?? (b.dataset.text = b.textContent);
  b.textContent = text;
  setTimeout(() => (b.textContent = before), 2000);
}

async function png(address, name) {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth * 2;
  canvas.height = image.naturalHeight * 2;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${name}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

export function share(row) {
  const svg = [...row.querySelectorAll(":scope > a")].find((a) => a.pathname.endsWith(".svg"));
  svg?.after(
    button("PNG", (b) => png(svg.href, row.dataset.file).catch(() => answer(b, "No picture"))),
  );
  const pinned = row.dataset.address;
  for (const words of row.querySelectorAll(".give > dd")) {
    // A server that was not told its own address cites a path, which the reader's
    // browser completes: a quotation without its host leads nowhere.
    if (pinned?.startsWith("/")) {
      words.textContent = words.textContent.replaceAll(pinned, new URL(pinned, location.href).href);
    }
    words.previousElementSibling.append(
      button("Copy", (b) =>
        navigator.clipboard.writeText(words.textContent).then(
          () => answer(b, "Copied"),
          () => answer(b, "Not allowed"),
        ),
      ),
    );
  }
}
