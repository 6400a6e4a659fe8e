// OpenGL ES 3.0 for the engine's module, on WebGL 2.

/** Functions of numbers alone, which are the same in both. */
const plain = [
  'activeTexture',
  'checkFramebufferStatus',
  'disable',
  'drawArrays',
  'flush',
  'getError',
  'pixelStorei',
  'texParameteri',
  'texStorage2D',
  'viewport',
] as const;

type Plain = (...numbers: (number | undefined)[]) => number | undefined;

/**
 * The functions that a module imports from "gl", by OpenGL's names without "gl". They may be called
 * while there is a `context`. The engine knows objects by numbers, and has arrays and texts in its
 * memory; what is called for each frame allocates nothing.
 */
export class Gl {
  context!: WebGL2RenderingContext;
  /** The memory of the module's instance, which may grow. */
  memory!: WebAssembly.Memory;
  /** All objects that have a name. */
  readonly objects = new Map<number, object>();

  /** Uniform locations by program and name: each is an object in WebGL. */
  private readonly locations = new Map<number, Map<string, number>>();
  private lastName = 0;
  private bytesBefore = new Uint8Array();
  private wordsBefore = new Int32Array();
  private floatsBefore = new Float32Array();

  /** Gives the object a name; 0 stands for none. */
  name(object: object | null): number {
    if (!object) return 0;
    this.objects.set(++this.lastName, object);
    return this.lastName;
  }

  /** Returns the object and frees its name. */
  forget(name: number): object | null {
    const object = this.object(name);
    this.objects.delete(name);
    return object;
  }

  /** Forgets all objects, which a lost context has lost too. */
  clear(): void {
    this.objects.clear();
    this.locations.clear();
  }

  imports(): WebAssembly.ModuleImports {
    return {
      ...this.plainFunctions(),
      ...this.bindingFunctions(),
      ...this.lifetimeFunctions(),
      ...this.shaderFunctions(),
      ...this.uniformFunctions(),
      ...this.pixelFunctions(),
    };
  }

  private object(name: number): object | null {
    return this.objects.get(name) ?? null;
  }

  private plainFunctions(): WebAssembly.ModuleImports {
    const functions = plain.map((method) => [
      method.replace(/^./, (first) => first.toUpperCase()),
      // WebGL ignores further arguments.
      (a?: number, b?: number, c?: number, d?: number, e?: number) =>
        (this.context[method] as Plain)(a, b, c, d, e),
    ]);
    return Object.fromEntries(functions) as WebAssembly.ModuleImports;
  }

  private bindingFunctions(): WebAssembly.ModuleImports {
    return {
      BindBuffer: (target: number, buffer: number) => {
        this.context.bindBuffer(target, this.object(buffer));
      },
      BindFramebuffer: (target: number, framebuffer: number) => {
        this.context.bindFramebuffer(target, this.object(framebuffer));
      },
      BindTexture: (target: number, texture: number) => {
        this.context.bindTexture(target, this.object(texture));
      },
      FramebufferTexture2D: (
        target: number,
        attachment: number,
        textureTarget: number,
        texture: number,
        level: number,
      ) => {
        const object = this.object(texture);
        this.context.framebufferTexture2D(target, attachment, textureTarget, object, level);
      },
      UseProgram: (program: number) => {
        this.context.useProgram(this.object(program));
      },
    };
  }

  private lifetimeFunctions(): WebAssembly.ModuleImports {
    const generate = (create: () => object | null) => (count: number, names: number) => {
      for (let i = 0; i < count; ++i) this.words[(names >>> 2) + i] = this.name(create());
    };
    const remove = (destroy: (object: object | null) => void) => (count: number, names: number) => {
      for (let i = 0; i < count; ++i) destroy(this.forget(this.word(names, i)));
    };
    return {
      GenBuffers: generate(() => this.context.createBuffer()),
      GenFramebuffers: generate(() => this.context.createFramebuffer()),
      GenTextures: generate(() => this.context.createTexture()),
      DeleteBuffers: remove((buffer) => {
        this.context.deleteBuffer(buffer);
      }),
      DeleteFramebuffers: remove((framebuffer) => {
        this.context.deleteFramebuffer(framebuffer);
      }),
      DeleteTextures: remove((texture) => {
        this.context.deleteTexture(texture);
      }),
      FenceSync: (condition: number, flags: number) =>
        this.name(this.context.fenceSync(condition, flags)),
      DeleteSync: (sync: number) => {
        this.context.deleteSync(this.forget(sync));
      },
      GetSynciv: (sync: number, parameter: number, _size: number, _length: number, out: number) => {
        const object = this.object(sync);
        const { context } = this;
        this.words[out >>> 2] = object ? Number(context.getSyncParameter(object, parameter)) : 0;
      },
    };
  }

  private shaderFunctions(): WebAssembly.ModuleImports {
    return {
      CreateProgram: () => this.name(this.context.createProgram()),
      CreateShader: (type: number) => this.name(this.context.createShader(type)),
      DeleteProgram: (program: number) => {
        for (const location of this.locations.get(program)?.values() ?? []) this.forget(location);
        this.locations.delete(program);
        this.context.deleteProgram(this.forget(program));
      },
      DeleteShader: (shader: number) => {
        this.context.deleteShader(this.forget(shader));
      },
      ShaderSource: (shader: number, count: number, strings: number, lengths: number) => {
        const parts = Array.from({ length: count }, (_, i) => {
          const start = this.word(strings, i) >>> 0;
          return this.text(start, start + this.word(lengths, i));
        });
        this.use(shader, (object) => {
          this.context.shaderSource(object, parts.join(''));
        });
      },
      CompileShader: (shader: number) => {
        this.use(shader, (object) => {
          this.context.compileShader(object);
        });
      },
      AttachShader: (program: number, shader: number) => {
        this.use(program, (object) => {
          this.use(shader, (attached) => {
            this.context.attachShader(object, attached);
          });
        });
      },
      LinkProgram: (program: number) => {
        this.use(program, (object) => {
          this.context.linkProgram(object);
        });
      },
      GetShaderiv: (shader: number, parameter: number, out: number) => {
        this.use(shader, (object) => {
          this.words[out >>> 2] = Number(this.context.getShaderParameter(object, parameter));
        });
      },
      GetProgramiv: (program: number, parameter: number, out: number) => {
        this.use(program, (object) => {
          this.words[out >>> 2] = Number(this.context.getProgramParameter(object, parameter));
        });
      },
      GetShaderInfoLog: (shader: number, size: number, _length: number, out: number) => {
        this.use(shader, (object) => {
          this.writeText(this.context.getShaderInfoLog(object), size, out);
        });
      },
      GetProgramInfoLog: (program: number, size: number, _length: number, out: number) => {
        this.use(program, (object) => {
          this.writeText(this.context.getProgramInfoLog(object), size, out);
        });
      },
    };
  }

  private uniformFunctions(): WebAssembly.ModuleImports {
    return {
      GetUniformLocation: (program: number, name: number) => this.location(program, name >>> 0),
      Uniform1i: (location: number, x: number) => {
        this.context.uniform1i(this.object(location), x);
      },
      Uniform1f: (location: number, x: number) => {
        this.context.uniform1f(this.object(location), x);
      },
      Uniform2f: (location: number, x: number, y: number) => {
        this.context.uniform2f(this.object(location), x, y);
      },
      Uniform3f: (location: number, x: number, y: number, z: number) => {
        this.context.uniform3f(this.object(location), x, y, z);
      },
      Uniform4f: (location: number, x: number, y: number, z: number, w: number) => {
        this.context.uniform4f(this.object(location), x, y, z, w);
      },
      Uniform1fv: (location: number, count: number, values: number) => {
        this.context.uniform1fv(this.object(location), this.floats, values >>> 2, count);
      },
    };
  }

  private pixelFunctions(): WebAssembly.ModuleImports {
    return {
      BufferData: (target: number, size: number, data: number, usage: number) => {
        if (data === 0) this.context.bufferData(target, size, usage);
        else this.context.bufferData(target, this.bytes, usage, data >>> 0, size);
      },
      GetBufferSubData: (target: number, size: number, out: number) => {
        this.context.getBufferSubData(target, 0, this.bytes, out >>> 0, size);
      },
      // Only ever to a buffer: `offset` counts from its start.
      ReadPixels: (
        x: number,
        y: number,
        width: number,
        height: number,
        format: number,
        type: number,
        offset: number,
      ) => {
        this.context.readPixels(x, y, width, height, format, type, offset);
      },
      TexSubImage2D: (
        target: number,
        level: number,
        x: number,
        y: number,
        width: number,
        height: number,
        format: number,
        type: number,
        pixels: number,
      ) => {
        const { context, bytes } = this;
        const from = pixels >>> 0;
        context.texSubImage2D(target, level, x, y, width, height, format, type, bytes, from);
      },
    };
  }

  /** Calls `action` with the object, if there is one: a lost context may have made none. */
  private use(name: number, action: (object: object) => void): void {
    const object = this.object(name);
    if (object) action(object);
  }

  /** The uniform's number, the same at each call; -1 where the program has none of this name. */
  private location(program: number, address: number): number {
    const name = this.text(address, this.bytes.indexOf(0, address));
    const known = this.locations.get(program) ?? new Map<string, number>();
    this.locations.set(program, known);
    let location = known.get(name);
    if (location === undefined) {
      const object = this.object(program);
      const found = object && this.context.getUniformLocation(object, name);
      location = found ? this.name(found) : -1;
      known.set(name, location);
    }
    return location;
  }

  private text(start: number, end: number): string {
    // A copy, because TextDecoder rejects shared memory.
    return new TextDecoder().decode(this.bytes.slice(start, end));
  }

  private writeText(text: string | null, size: number, address: number): void {
    const start = address >>> 0;
    const encoded = new TextEncoder().encode(text ?? '').subarray(0, size - 1);
    this.bytes.set(encoded, start);
    this.bytes[start + encoded.length] = 0;
  }

  private word(address: number, index: number): number {
    return this.words[(address >>> 2) + index] ?? 0;
  }

  // Memory that grows gets another buffer.

  private get bytes(): Uint8Array {
    const { buffer } = this.memory;
    if (this.bytesBefore.buffer !== buffer) this.bytesBefore = new Uint8Array(buffer);
    return this.bytesBefore;
  }

  private get words(): Int32Array {
    const { buffer } = this.memory;
    if (this.wordsBefore.buffer !== buffer) this.wordsBefore = new Int32Array(buffer);
    return this.wordsBefore;
  }

  private get floats(): Float32Array {
    const { buffer } = this.memory;
    if (this.floatsBefore.buffer !== buffer) this.floatsBefore = new Float32Array(buffer);
    return this.floatsBefore;
  }
}
