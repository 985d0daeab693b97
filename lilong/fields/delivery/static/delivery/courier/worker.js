// The courier's service worker: keeps the page and what it is made of, so that it opens in a cellar. The day and the queue are
// not here but in the phone's database; requests that change something are never touched.

const CACHE = "lilong-courier-1";
const PAGE = new URL("./", self.location).pathname;
const PATIENCE_MS = 4_000;

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(keep());
});

// The page, and every style and script of ours that it names, with what those import.
async function keep() {
  const cache = await caches.open(CACHE);
  const page = await fetch(PAGE, {credentials: "same-origin"});
  if (!page.ok || page.redirected) return;
  await cache.put(PAGE, page.clone());
  const seen = new Set();
  let wanted = [...(await page.text()).matchAll(/(?:src|href)="(\/static\/[^"]+\.(?:js|css|svg))[^"]*"/g)].map((found) => found[1]);
  while (wanted.length) {
    const next = [];
    await Promise.all(wanted.map(async (path) => {
      if (seen.has(path)) return;
      seen.add(path);
      const found = await fetch(path).catch(() => null);
      if (!found?.ok) return;
      await cache.put(path, found.clone());
      if (!path.endsWith(".js")) return;
      for (const [, to] of (await found.text()).matchAll(/(?:from|import)\s*\(?["']([^"']+\.js)["']/g)) next.push(new URL(to, new URL(path, self.location)).pathname);
    }));
    wanted = next;
  }
}

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith("lilong-courier-") && name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname === PAGE) event.respondWith(newest(event.request, PAGE));
  else if (url.pathname.startsWith("/static/")) event.respondWith(newest(event.request, url.pathname));
});

// From the house, so that nothing old is shown; from the phone when the house does not answer soon.
async function newest(request, key) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(key);
  const asked = fetch(request).then((found) => {
    if (found.ok && !found.redirected) cache.put(key, found.clone());
    return found;
  });
  if (!kept) return asked;
  const late = new Promise((resolve) => setTimeout(() => resolve(kept), PATIENCE_MS));
  return Promise.race([asked.catch(() => kept), late]);
}
