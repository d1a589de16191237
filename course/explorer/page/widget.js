// The page inside a notebook (anywidget): what it asks goes to the kernel, what the kernel says goes back to it.

function render({ model, el }) {
  const frame = document.createElement("iframe");
  Object.assign(frame, { srcdoc: model.get("page"), title: model.get("title") });
  Object.assign(frame.style, { width: "100%", height: model.get("height"), border: "1px solid #cbd5e0", borderRadius: "6px" });
  const asked = ({ source, data }) => {
    if (source !== frame.contentWindow || !data?.question) return;
    const { image, ...question } = data;
    model.send(question, undefined, [image.buffer]);
  };
  const said = (content, buffers) => {
    const arrays = buffers.map((one) => one.buffer.slice(one.byteOffset, one.byteOffset + one.byteLength));
    frame.contentWindow?.postMessage({ ...content, arrays }, "*", arrays);
  };
  addEventListener("message", asked);
  model.on("msg:custom", said);
  el.append(frame);
  // the still picture is for those who come without a kernel
  for (const still of document.querySelectorAll(`details[data-explorer="${model.get("still")}"]`)) still.open = false;
  return () => {
    removeEventListener("message", asked);
    model.off("msg:custom", said);
  };
}

export default { render };
