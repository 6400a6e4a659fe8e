// Writes small networks as .tflite files: FlatBuffers of TensorFlow Lite's schema, as far as these
// need them.

const scalar = (value) => ({ value });
const table = (...fields) => ({ fields });
const list = (items) => ({ items });
const integers = (values) => ({ alignment: 4, data: Int32Array.from(values) });
const floats = (values) => ({
  alignment: 16,
  data: new Uint8Array(Float32Array.from(values).buffer),
});
const text = (string) => ({
  alignment: 1,
  data: new TextEncoder().encode(`${string}\0`),
  zeros: 1,
});

/** Writes an object after the one that refers to it, because FlatBuffers' offsets are positive. */
class Writer {
  bytes = [];

  /** Writes zeros until the position after `ahead` more bytes is aligned. */
  align(alignment, ahead = 0) {
    while ((this.bytes.length + ahead) % alignment !== 0) this.bytes.push(0);
  }

  put(value, size) {
    for (let i = 0; i < size; ++i) this.bytes.push((value >> (8 * i)) & 255);
  }

  /** Makes the offset at `place` refer to the current end, where the next object is written. */
  refer(place) {
    const offset = this.bytes.length - place;
    for (let i = 0; i < 4; ++i) this.bytes[place + i] = (offset >> (8 * i)) & 255;
  }

  write(node, place) {
    if (node.fields) this.writeTable(node.fields, place);
    else if (node.items) this.writeList(node.items, place);
    else this.writeData(node, place);
  }

  writeTable(fields, place) {
    const size = 4 + 2 * fields.length;
    this.align(4, size);
    const start = this.bytes.length;
    this.put(size, 2);
    this.put(4 + 4 * fields.length, 2);
    fields.forEach((field, i) => this.put(field ? 4 + 4 * i : 0, 2));
    this.refer(place);
    this.put(this.bytes.length - start, 4);
    const at = this.bytes.length;
    for (const field of fields) this.put(field?.value ?? 0, 4);
    fields.forEach((field, i) => {
      if (field && field.value === undefined) this.write(field, at + 4 * i);
    });
  }

  writeList(items, place) {
    this.align(4);
    this.refer(place);
    this.put(items.length, 4);
    const at = this.bytes.length;
    this.put(0, 4 * items.length);
    items.forEach((item, i) => this.write(item, at + 4 * i));
  }

  writeData({ alignment, data, zeros = 0 }, place) {
    this.align(4);
    this.align(Math.max(4, alignment), 4);
    this.refer(place);
    this.put(data.length - zeros, 4);
    for (const value of data) this.put(value, data.BYTES_PER_ELEMENT);
  }
}

const operation = { conv2d: 3, logistic: 14 };
const conv2dOptions = 1;
const valid = 1;

function tensor(name, shape, buffer) {
  return table(integers(shape), scalar(0), scalar(buffer), text(name));
}

/**
 * A network whose output channels are weighted sums of each pixel's red, green and blue.
 * @param {{ width?: number, height?: number, weights: number[][], biases: number[], relu?: boolean,
 *   logistic?: boolean }} network three weights and a bias for each channel
 */
export function colourNetwork({
  width = 16,
  height = 8,
  weights,
  biases,
  relu = false,
  logistic = false,
}) {
  const channels = biases.length;
  const output = [1, height, width, channels];
  const tensors = [
    tensor('input', [1, height, width, 3], 0),
    tensor('weights', [channels, 1, 1, 3], 1),
    tensor('biases', [channels], 2),
    tensor('sums', output, 0),
  ];
  const convolution = table(
    scalar(0),
    integers([0, 1, 2]),
    integers([3]),
    scalar(conv2dOptions),
    table(scalar(valid), scalar(1), scalar(1), scalar(relu ? 1 : 0)),
  );
  const operators = [convolution];
  if (logistic) {
    tensors.push(tensor('probabilities', output, 0));
    operators.push(table(scalar(1), integers([3]), integers([4])));
  }
  const codes = [operation.conv2d, operation.logistic].map((code) =>
    table(scalar(code), undefined, scalar(1), scalar(code)),
  );
  const model = table(
    scalar(3),
    list(codes),
    list([table(list(tensors), integers([0]), integers([tensors.length - 1]), list(operators))]),
    text('a network of a test'),
    list([table(), table(floats(weights.flat())), table(floats(biases))]),
  );
  const writer = new Writer();
  writer.put(0, 4);
  for (const character of 'TFL3') writer.put(character.charCodeAt(0), 1);
  writer.write(model, 0);
  return Uint8Array.from(writer.bytes);
}
