// A photo of where it stands: made small enough to send from a stairwell, and with nothing in it but the picture.

const SIDE_MAX = 1280, QUALITY = 0.7;

export async function shrunk(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, SIDE_MAX / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  return {blob, preview: canvas.toDataURL("image/jpeg", 0.4)};
}

// Reads a QR or bar code with the camera where the browser can; null where it cannot or nothing was found.
export async function scanned(file) {
  if (!("BarcodeDetector" in window)) return null;
  const found = await new BarcodeDetector({formats: ["qr_code", "code_128", "data_matrix"]}).detect(await createImageBitmap(file)).catch(() => []);
  return found[0]?.rawValue || null;
}
