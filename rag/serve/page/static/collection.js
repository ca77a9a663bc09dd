// Which of the server's collections the page is about; none is the server's default.

let current = null;

export const choose = (name) => (current = name);

/** The field by which a request says it. */
export const collectionField = () => (current ? { collection: current } : {});

/** The same as a query. */
export const inCollection = () => (current ? `?${new URLSearchParams(collectionField())}` : "");
