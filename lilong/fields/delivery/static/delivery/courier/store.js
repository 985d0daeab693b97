// What the phone keeps: the day as the house last told it, and a queue of what happened since, in its order.
// Each courier has a part of his own, so that a shared phone mixes nobody's things.

const NAME = "lilong-courier", VERSION = 1;
let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, VERSION);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("days", {keyPath: "vehicle"});
      asked.result.createObjectStore("queue", {keyPath: "n", autoIncrement: true}).createIndex("vehicle", "vehicle");
      asked.result.createObjectStore("notices", {keyPath: "id"}).createIndex("vehicle", "vehicle");
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

async function run(store, mode, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode, {durability: "strict"});
    const request = work(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

export const keepDay = (day) => run("days", "readwrite", (store) => store.put(day));
export const days = () => run("days", "readonly", (store) => store.getAll());
export const add = (item) => run("queue", "readwrite", (store) => store.add(item));
export const waiting = (vehicle) => run("queue", "readonly", (store) => store.index("vehicle").getAll(vehicle));
export const remove = (ns) => run("queue", "readwrite", (store) => { for (const n of ns) store.delete(n); });
export const note = (notice) => run("notices", "readwrite", (store) => store.put(notice));
export const notices = (vehicle) => run("notices", "readonly", (store) => store.index("vehicle").getAll(vehicle));
export const forget = (id) => run("notices", "readwrite", (store) => store.delete(id));

// Ids are made here (version 4), so that what is sent twice is known to be the same.
export const fresh = () => crypto.randomUUID?.() ?? "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) => (+c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (+c / 4)))).toString(16));
