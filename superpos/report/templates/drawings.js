"use strict";
// The drawings of the figures. Each is unpacked once, when an image of it comes near the window.

const drawings = new Map();

function addressOf(name) {
  if (!drawings.has(name)) drawings.set(name, unpackedDrawing(name));
  return drawings.get(name);
}

async function unpackedDrawing(name) {
  const packed = document.querySelector(`.packed[data-name="${CSS.escape(name)}"]`);
  const drawing = await unzipped(bytesOf(packed.textContent));
  return URL.createObjectURL(new Blob([drawing], { type: "image/svg+xml" }));
}

async function reveal(image) {
  if (!image.src) image.src = await addressOf(image.dataset.name);
}

if (typeof DecompressionStream !== "undefined") {
  const images = document.querySelectorAll("img.drawing");
  const near = new IntersectionObserver((seen) => {
    for (const { isIntersecting, target } of seen) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      reveal(target);
    }
  }, { rootMargin: "1200px" });
  images.forEach((image) => near.observe(image));
  addEventListener("beforeprint", () => images.forEach(reveal));
}
