// What a value is, by its properties: an object of another window is no instance of this one's classes.

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

/** The name of the value's class, for instance `Uint8Array`. */
function className(value: unknown): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}

export function isUrl(value: unknown): value is URL {
  return typeof property(value, 'href') === 'string' && !!property(value, 'searchParams');
}

export function isBytes(value: unknown): value is Uint8Array {
  return className(value) === 'Uint8Array';
}

export function isBlob(value: unknown): value is Blob {
  return ['Blob', 'File'].includes(className(value));
}

export function isVideoElement(value: unknown): value is HTMLVideoElement {
  return (
    typeof property(value, 'play') === 'function' && property(value, 'videoWidth') !== undefined
  );
}

export function isImageElement(value: unknown): value is HTMLImageElement {
  return typeof property(value, 'naturalWidth') === 'number';
}

export function isVideoTrack(value: unknown): value is MediaStreamTrack {
  return property(value, 'kind') === 'video' && property(value, 'readyState') !== undefined;
}

const longestText = 40;

/** The value in a few words, for people. */
export function describe(value: unknown): string {
  if (typeof value === 'string') {
    return value.length <= longestText
      ? `'${value}'`
      : `'${value.slice(0, longestText)}…' (${value.length} characters)`;
  }
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  const name = className(value);
  return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`;
}
