export default { render: (context) => renderLab(context, curveViews) };
