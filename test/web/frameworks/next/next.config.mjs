// Without a root Next looks for one above, and takes the repository's.
export default { turbopack: { root: import.meta.dirname } };
