// What errors and states mean to the person before the camera, for applications to show or translate.
import type { ErrorCode } from './error.js';
import type { Degraded } from './events.js';

/** A sentence in English for each code of an error and each reason of `degraded`. */
export const sentences: Readonly<Record<ErrorCode | Degraded['reason'], string>> = {
  argument: 'This setting of the background is not possible.',
  model: 'The background effect can’t use this model.',
  unsupported: 'This browser can’t do this background effect.',
  state: 'The background effect is not ready for this.',
  memory: 'There is not enough memory for the background effect.',
  fetch: 'A file of the background effect could not be loaded.',
  assets: 'A part of the background effect is missing on the server.',
  frame: 'A picture of the camera could not be read.',
  picture: 'This picture can’t be used as a background.',
  crash: 'The background effect has stopped, and is started again.',
  closed: 'The background effect was switched off.',
  loading: 'Your camera is hidden until the background effect is loaded.',
  failed: 'Your camera is hidden, because the background effect has failed.',
  ended: 'The camera was switched off.',
  fallback: 'The background effect goes on without the graphics card.',
  slow: 'This computer is too slow for the background effect at this rate.',
  silent: 'The camera gives no picture.',
};
