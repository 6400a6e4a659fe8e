// The user's own background picture, which this browser keeps for the next visit. Where a browser denies the
// page its storage, nothing is kept.

const names = { database: 'backdrop', store: 'files', picture: 'picture' };

function answerOf<Answer>(request: IDBRequest<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('no storage')));
  });
}

async function inStore<Answer>(
  mode: IDBTransactionMode,
  use: (store: IDBObjectStore) => IDBRequest<Answer>,
): Promise<Answer | undefined> {
  try {
    const opening = indexedDB.open(names.database);
    opening.addEventListener('upgradeneeded', () => {
      opening.result.createObjectStore(names.store);
    });
    const database = await answerOf(opening);
    try {
      return await answerOf(use(database.transaction(names.store, mode).objectStore(names.store)));
    } finally {
      database.close();
    }
  } catch {
    return undefined;
  }
}

export async function keepPicture(file: File): Promise<void> {
  await inStore('readwrite', (store) => store.put(file, names.picture));
}

export async function keptPicture(): Promise<File | undefined> {
  const found = await inStore<unknown>('readonly', (store) => store.get(names.picture));
  return found instanceof File ? found : undefined;
}

export async function forgetPicture(): Promise<void> {
  await inStore('readwrite', (store) => store.delete(names.picture));
}
