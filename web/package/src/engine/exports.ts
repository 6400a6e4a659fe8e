// What a module imports and exports.
import type { Gl } from './gl.js';

/** The functions of backdrop.h; pointers are addresses in the module's memory. */
export interface Exports {
  _initialize(): void;
  backdrop_create_abi(abiVersion: number, threads: number): number;
  backdrop_last_error(engine: number): number;
  backdrop_load_model(engine: number, bytes: number, size: number, options: number): number;
  backdrop_get_model_info(engine: number, info: number): number;
  backdrop_get_class_name(engine: number, index: number): number;
  backdrop_describe_model(engine: number): number;
  backdrop_get_tensors(engine: number, input: number, output: number): number;
  backdrop_infer(engine: number): number;
  backdrop_set_background_none(engine: number): number;
  backdrop_set_background_blur(engine: number, strength: number): number;
  backdrop_set_background_color(engine: number, rgb: number): number;
  backdrop_set_placement(
    engine: number,
    fit: number,
    x: number,
    y: number,
    mirror: number,
    rgb: number,
  ): number;
  backdrop_set_background_image(engine: number, image: number): number;
  backdrop_set_background_transparent(engine: number): number;
  backdrop_set_coverage(engine: number, low: number, high: number): number;
  backdrop_set_refinement(engine: number, kind: number, space: number, color: number): number;
  backdrop_set_light_wrapping(engine: number, strength: number, blendMode: number): number;
  backdrop_set_steadying(engine: number, strength: number): number;
  backdrop_set_motion_gate(engine: number, on: number): number;
  backdrop_set_person_crop(engine: number, on: number): number;
  backdrop_set_learned_room(engine: number, on: number): number;
  backdrop_set_only_front(engine: number, on: number): number;
  backdrop_set_despeckling(engine: number, on: number): number;
  backdrop_set_budget(engine: number, milliseconds: number): number;
  backdrop_reset(engine: number): number;
  backdrop_process(engine: number, input: number, output: number): number;
  backdrop_get_matte(
    engine: number,
    width: number,
    height: number,
    alpha: number,
    stride: number,
  ): number;
  backdrop_get_statistics(engine: number, statistics: number): number;
  backdrop_gl_create(engine: number, loader: 0): number;
  backdrop_gl_destroy(engine: number, lost: number): number;
  backdrop_gl_set_background_texture(engine: number, texture: number): number;
  backdrop_gl_begin_sample(engine: number, frame: number): number;
  backdrop_gl_is_sampled(engine: number, sampled: number): number;
  backdrop_gl_process(engine: number, frame: number, pixels: number, framebuffer: number): number;
  backdrop_allocate(size: number): number;
  backdrop_free(memory: number): void;
}

/** The imports: a clock, OpenGL's functions and, if the module is built for threads, their memory. */
export function importsOf(gl: Gl, memory?: WebAssembly.Memory): WebAssembly.Imports {
  return {
    backdrop: { now: () => performance.now() },
    gl: gl.imports(),
    ...(memory && { env: { memory } }),
  };
}
