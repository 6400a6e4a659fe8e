// The same networks in ONNX, for the runtime that reads no other: obs-backgroundremoval has them. They
// take and give the same tensors, and are looked for where models are.
import { hashOf, pathOf } from '../web/package/bin/models.mjs';

const source =
  'https://github.com/royshil/obs-backgroundremoval/tree/875ffda175fcb066380b31797c63630c8b4a3c71/data/models';

/** By the ids that the networks have in the catalogue. */
const twins = {
  'meet-full': {
    file: 'mediapipe.onnx',
    sha256: '7f785cf032261a07af7b845f891cab30da3f0757c7b362310e089e3aa8e8860a',
  },
  mlkit: {
    file: 'selfie_segmentation.onnx',
    sha256: '1511ab5564cb0ae179cba9bcad6ad931003ccc71656f11fd270967023678c6a5',
  },
};

/** The path of the model's twin, or undefined where there is none, or another file in its place. */
export function twinOf({ id }) {
  const path = twins[id] && pathOf(twins[id]);
  return path && hashOf(path) === twins[id].sha256 ? path : undefined;
}

/** A line about the twins that are missing, or undefined where none is. */
export function missingTwins(models) {
  const missing = models.filter((model) => model.id in twins && !twinOf(model));
  if (missing.length === 0) return undefined;
  const ids = missing.map(({ id }) => id).join(', ');
  const files = missing.map(({ id }) => twins[id].file).join(', ');
  return `not compared with ONNX Runtime: ${ids}; put ${files} of ${source} into build/models`;
}
