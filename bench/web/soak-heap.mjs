/** Kilobytes of JavaScript's objects, those of all Workers among them. */
export async function heapKilobytes() {
  const { breakdown } = await performance.measureUserAgentSpecificMemory();
  return breakdown.reduce((sum, { bytes }) => sum + bytes, 0) / 1024;
}
