function panelViews(parent, tools) {
  const curves = curveViews(parent, tools);
  const stopWhose = whoseCode(parent, tools.model);
  return {
    ...curves,
    destroy() {
      stopWhose();
      curves.destroy();
    },
  };
}

export default { render: (context) => renderLab(context, panelViews) };
