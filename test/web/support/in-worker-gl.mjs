// Calls OpenGL's functions in a Worker as a module does: arrays, texts and results are in its memory.
import { Gl } from '../../../web/package/dist/engine/gl.js';
import { answerCalls } from './worker-calls.mjs';

const head = '#version 300 es\nprecision highp float;\n';

const vertexShader = [
  head,
  'void main() {',
  'gl_Position = vec4(vec2((gl_VertexID << 1) & 2, gl_VertexID & 2) * 2.0 - 1.0, 0, 1);',
  '}',
];

/** A shader that adds the uniforms to the pixels. */
const fragmentShader = [
  head,
  'uniform sampler2D frame; uniform float parts[2]; uniform float one; uniform vec2 two;',
  'uniform vec3 three; uniform vec4 four; out vec4 color; void main() {',
  'vec4 more = vec4(parts[1], one + three.z, two.y, four.w);',
  'color = texelFetch(frame, ivec2(gl_FragCoord), 0) + more;',
  '}',
];

/** A caller with its own memory. */
class Module {
  top = 1024;

  constructor(shared) {
    this.memory = new WebAssembly.Memory({ initial: 1, maximum: 2, ...(shared && { shared }) });
  }

  get bytes() {
    return new Uint8Array(this.memory.buffer);
  }

  /** The 32-bit numbers at this address. */
  words(address, count) {
    return [...new Int32Array(this.memory.buffer, address, count)];
  }

  /** Copies the array to memory; returns its address. */
  put(array) {
    const address = this.top;
    const bytes = new Uint8Array(array.buffer);
    this.bytes.set(bytes, address);
    this.top += (bytes.length + 7) & ~7;
    return address;
  }

  text(string) {
    return this.put(new TextEncoder().encode(`${string}\0`));
  }

  /** The number that the call writes to memory. */
  number(call) {
    call(512);
    return this.words(512, 1)[0];
  }

  /** The text that the call writes to memory, of 15 characters at most. */
  log(call) {
    call(16, 0, 600);
    return new TextDecoder().decode(this.bytes.slice(600, 616)).split('\0')[0];
  }
}

function compile(module, f, type, parts) {
  const shader = f.CreateShader(type);
  const strings = module.put(Int32Array.from(parts, (part) => module.text(part)));
  const lengths = module.put(Int32Array.from(parts, (part) => part.length));
  f.ShaderSource(shader, parts.length, strings, lengths);
  f.CompileShader(shader);
  return shader;
}

function refusals(module, f, context) {
  const shader = compile(module, f, context.FRAGMENT_SHADER, [head, 'nonsense']);
  const compiled = module.number((out) => f.GetShaderiv(shader, context.COMPILE_STATUS, out));
  const shaderLog = module.log((...out) => f.GetShaderInfoLog(shader, ...out));
  f.DeleteShader(shader);
  const program = f.CreateProgram();
  f.LinkProgram(program);
  const linked = module.number((out) => f.GetProgramiv(program, context.LINK_STATUS, out));
  const programLog = module.log((...out) => f.GetProgramInfoLog(program, ...out));
  f.DeleteProgram(program);
  return { compiled, shaderLog, linked, programLog };
}

function link(module, f, context) {
  const program = f.CreateProgram();
  for (const [type, parts] of [
    [context.VERTEX_SHADER, vertexShader],
    [context.FRAGMENT_SHADER, fragmentShader],
  ]) {
    const shader = compile(module, f, type, parts);
    f.AttachShader(program, shader);
    f.DeleteShader(shader);
  }
  f.LinkProgram(program);
  return program;
}

/** Sets the uniforms so that 10, 20, 30 and 40 are added; answers where they are. */
function setUniforms(module, f, program) {
  const names = ['frame', 'parts', 'one', 'two', 'three', 'four', 'frame', 'none'];
  const locations = names.map((name) => f.GetUniformLocation(program, module.text(name)));
  const [frame, parts, one, two, three, four] = locations;
  f.Uniform1i(frame, 0);
  f.Uniform1fv(parts, 2, module.put(Float32Array.of(9, 10 / 255)));
  f.Uniform1f(one, 15 / 255);
  f.Uniform2f(two, 9, 30 / 255);
  f.Uniform3f(three, 9, 9, 5 / 255);
  f.Uniform4f(four, 9, 9, 9, 40 / 255);
  return locations;
}

function makeTextures(f, context, textures) {
  for (const texture of textures) {
    f.ActiveTexture(context.TEXTURE0);
    f.BindTexture(context.TEXTURE_2D, texture);
    f.TexStorage2D(context.TEXTURE_2D, 1, context.RGBA8, 2, 1);
    f.TexParameteri(context.TEXTURE_2D, context.TEXTURE_MIN_FILTER, context.NEAREST);
  }
}

/** Reads the framebuffer's pixels through a pixel-pack buffer and a fence. */
async function readBack(module, f, context, buffer) {
  const { PIXEL_PACK_BUFFER: target, SYNC_STATUS, SIGNALED, RGBA, UNSIGNED_BYTE } = context;
  f.BindBuffer(target, buffer);
  f.BufferData(target, 8, module.put(new Uint8Array(8)), context.STREAM_READ);
  f.BufferData(target, 8, 0, context.STREAM_READ);
  f.ReadPixels(0, 0, 2, 1, RGBA, UNSIGNED_BYTE, 0);
  const sync = f.FenceSync(context.SYNC_GPU_COMMANDS_COMPLETE, 0);
  f.Flush();
  while (module.number((out) => f.GetSynciv(sync, SYNC_STATUS, 1, 0, out)) !== SIGNALED) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const out = module.put(new Uint8Array(8));
  f.GetBufferSubData(target, 8, out);
  f.DeleteSync(sync);
  return [...module.bytes.slice(out, out + 8)];
}

/** Draws two pixels with every function, in memory that grows meanwhile. */
async function useAll(shared) {
  const module = new Module(shared);
  const context = new OffscreenCanvas(4, 4).getContext('webgl2');
  const gl = new Gl();
  Object.assign(gl, { memory: module.memory, context });
  const f = gl.imports();
  const refused = refusals(module, f, context);
  const program = link(module, f, context);
  const linked = module.number((out) => f.GetProgramiv(program, context.LINK_STATUS, out));
  f.UseProgram(program);
  const locations = setUniforms(module, f, program);

  module.memory.grow(1);
  module.top = 65536;
  f.GenTextures(2, 16);
  f.GenFramebuffers(1, 24);
  f.GenBuffers(1, 28);
  const [target, source, framebuffer, buffer] = module.words(16, 4);
  makeTextures(f, context, [target, source]);
  const { TEXTURE_2D, FRAMEBUFFER, COLOR_ATTACHMENT0, RGBA, UNSIGNED_BYTE } = context;
  f.PixelStorei(context.UNPACK_ALIGNMENT, 1);
  const pixels = module.put(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  f.TexSubImage2D(TEXTURE_2D, 0, 0, 0, 2, 1, RGBA, UNSIGNED_BYTE, pixels);
  f.BindFramebuffer(FRAMEBUFFER, framebuffer);
  f.FramebufferTexture2D(FRAMEBUFFER, COLOR_ATTACHMENT0, TEXTURE_2D, target, 0);
  const isComplete = f.CheckFramebufferStatus(FRAMEBUFFER) === context.FRAMEBUFFER_COMPLETE;
  f.Viewport(0, 0, 2, 1);
  f.Disable(context.BLEND);
  f.DrawArrays(context.TRIANGLES, 0, 3);
  const drawn = await readBack(module, f, context, buffer);

  const most = gl.objects.size;
  f.DeleteTextures(2, 16);
  f.DeleteFramebuffers(1, 24);
  f.DeleteBuffers(1, 28);
  f.DeleteProgram(program);
  const error = f.GetError();
  const functions = Object.keys(f);
  return {
    refused,
    linked,
    locations,
    isComplete,
    drawn,
    most,
    left: gl.objects.size,
    error,
    functions,
  };
}

answerCalls({ useAll });
