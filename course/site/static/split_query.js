// How a search splits what is asked: Latin words at what is no letter, Chinese by the longest terms that the index has.
// (The index was made with a dictionary; a browser has none, but it has the index.)
var splitQuery = (query) => {
  const known = window.Search?._index?.terms ?? {}, titles = window.Search?._index?.titleterms ?? {};
  const has = (word) => Object.hasOwn(known, word) || Object.hasOwn(titles, word);
  return query.split(/[^\p{Letter}\p{Number}_\p{Emoji_Presentation}]+/gu).filter(Boolean).flatMap((part) =>
    part.match(/[\u3400-\u9fff]+|[^\u3400-\u9fff]+/gu).flatMap((run) => {
      if (!/[\u3400-\u9fff]/u.test(run)) return [run];
      const found = [];
      for (let at = 0; at < run.length; ) {
        let length = run.length - at;
        while (length > 1 && !has(run.slice(at, at + length))) length--;
        if (length > 1 || run.length === 1) found.push(run.slice(at, at + length));
        at += length;
      }
      return found.length ? found : [run];
    }));
};
