// A lab that shows nothing but what the shell of every lab has: buttons, controls and words.

const noViews = () => ({ receive() {}, redraw() {}, destroy() {} });

export default { render: (context) => renderLab(context, noViews) };
