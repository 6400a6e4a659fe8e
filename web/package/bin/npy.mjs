// NumPy's .npy files, as far as tensors need them: uint8 and float32, in C order.

const types = {
  '|u1': Uint8Array,
  '<f4': Float32Array,
};

/** @returns {{ shape: number[], data: Uint8Array | Float32Array }} */
export function parseNpy(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = String.fromCharCode(...bytes.subarray(0, 6));
  if (bytes.length < 12 || magic !== '\x93NUMPY') throw new Error('is not an .npy file');
  const [headerLength, headerStart] =
    bytes[6] === 1 ? [view.getUint16(8, true), 10] : [view.getUint32(8, true), 12];
  const start = headerStart + headerLength;
  const header = new TextDecoder('latin1').decode(bytes.subarray(headerStart, start));
  const Type = types[/'descr':\s*'([^']*)'/.exec(header)?.[1]];
  const dimensions = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  if (!Type || dimensions === undefined || !/'fortran_order':\s*False/.test(header)) {
    throw new Error('is not an .npy file of uint8 or float32 in C order');
  }
  const shape = dimensions
    .split(',')
    .filter((d) => d.trim())
    .map(Number);
  const length = shape.reduce((product, d) => product * d, 1);
  const size = length * Type.BYTES_PER_ELEMENT;
  if (bytes.length - start !== size) throw new Error('is truncated or has bytes to spare');
  const offset = bytes.byteOffset + start;
  return { shape, data: new Type(bytes.buffer.slice(offset, offset + size)) };
}

/** @param {{ shape: number[], data: Float32Array }} array */
export function formatNpy({ shape, data }) {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  const start = Math.ceil((10 + header.length + 1) / 64) * 64;
  const bytes = new Uint8Array(start + data.byteLength);
  const head = `\x93NUMPY\x01\x00--${header.padEnd(start - 11)}\n`;
  bytes.set(Uint8Array.from(head, (character) => character.charCodeAt(0)));
  new DataView(bytes.buffer).setUint16(8, start - 10, true);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
  return bytes;
}

/**
 * The network's input: float32 is taken as it is; uint8 is RGB, which is scaled to the model's range and
 * put into its order of channels.
 * @param {{ data: Uint8Array | Float32Array }} array
 * @param {{ min: number, max: number, channelMin?: number[], channelMax?: number[], channels?: number,
 *   channelOrder?: 'rgb' | 'bgr' }} input the range of all channels, or of each
 * @throws {Error} if bytes are for a model of other than three channels
 */
export function inputTensor({ data }, input) {
  if (data instanceof Float32Array) return data;
  const { min, max, channels = 3, channelOrder = 'rgb' } = input;
  if (channels !== 3) throw new Error('bytes are RGB; the model takes float32');
  const { channelMin = [min, min, min], channelMax = [max, max, max] } = input;
  const values = new Float32Array(data.length);
  for (let i = 0; i < data.length; ++i) {
    const channel = i % 3;
    const sample = data[channelOrder === 'rgb' ? i : i - channel + (2 - channel)];
    const [low, high] = [channelMin[channel], channelMax[channel]];
    values[i] = low + ((high - low) * sample) / 255;
  }
  return values;
}
