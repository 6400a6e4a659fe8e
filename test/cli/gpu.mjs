// Whether something can be drawn on the GPU here.
import { existsSync } from 'node:fs';

// Where libglvnd looks for drivers.
const drivers = ['/usr/share/glvnd/egl_vendor.d', '/etc/glvnd/egl_vendor.d'];

/** Why not; false if it can. */
export const withoutGpu = drivers.some((folder) => existsSync(folder))
  ? false
  : 'EGL has no driver';
