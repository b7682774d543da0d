"""The labs of the website, which play recordings: what is moved, and what answers."""

import base64
import gzip
import json
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from nnlib import (
    Distortion,
    GradientDescent,
    Momentum,
    NeuralNetwork,
    Trainer,
    backward,
    load_mnist,
)
from nnlib.analysis.blame import blame
from nnlib.analysis.maps import neuron_maps, plane
from nnlib.analysis.projection import project_layers
from nnlib.images.distortion import sample
from nnlib.lab import BackpropLens, DigitPad, Playground, RaceLab
from nnlib.lab.digit_pad import ALL_INK
from nnlib.recipes import pretrained
from tools.recordings.pad import digits, rounded

pytestmark = pytest.mark.nightly

LABS = (
    "playground",
    "panel",
    "descent",
    "race",
    "backprop",
    "blame",
    "layers",
    "confusion",
    "distortion",
    "explorer",
    "pad",
)

# What a page would draw now: the words and arrays of the frame that its model sends.
FRAME = """el => new Promise((done) => {
    const hear = ({values, arrays}, buffers) => {
        el.model.off('msg:custom', hear);
        const read = (view) => Array.from(new Float64Array(view.buffer));
        const flat = arrays.map(({name, rows}, i) => [name, {rows, flat: read(buffers[i])}]);
        done({values, arrays: Object.fromEntries(flat)});
    };
    el.model.on('msg:custom', hear);
    el.model.send({command: 'hello', calm: true});
})"""


@pytest.fixture(scope="module")
def recordings(site):
    """Each recording as it lies in its script, by the name of its lab."""
    found = {}
    for name in LABS:
        text = (site.folder / "labs" / f"{name}.js").read_text(encoding="utf-8")
        packed = re.search(r"'([A-Za-z0-9+/=]+)'\);\s*$", text)[1]
        found[name] = json.loads(gzip.decompress(base64.b64decode(packed)))
    return found


def run_of(recording, **setting):
    """Return the run of a setting, by its place in the grid."""
    index = 0
    for trait, values in recording["axes"].items():
        index = index * len(values) + values.index(setting[trait])
    return recording["runs"][index]


def opened(window, name):
    """Open a lab's page; return the page, and where the lab is on it."""
    page = window.open(f"{name}.html")
    root = page.locator("[data-recording] .nnlib-lab")
    expect(root).to_have_attribute("data-frame", re.compile(r"\d"))
    return page, root


@pytest.mark.parametrize("name", LABS)
def test_a_page_says_what_answers_there_and_loads_less_than_a_megabyte(window, site, name):
    page, _ = opened(window, name)
    says = "Live on this page" if name == "pad" else "A recording"
    expect(page.locator(".nnlib-recorded")).to_contain_text(says)
    page.get_by_role("link", name="Run the live lab").click()
    expect(page).to_have_url(f"{site.url}/run.html")
    scripts = ["player.js", "pad.js"] if name == "pad" else ["player.js"]
    files = [f"labs/{name}.js", "labs/labs.css", *(f"_static/{script}" for script in scripts)]
    assert sum((site.folder / file).stat().st_size for file in files) < 1_000_000


@pytest.mark.parametrize("name", ["playground", "panel"])
def test_the_slider_is_moved_and_curve_and_words_follow(window, recordings, name):
    page, root = opened(window, name)
    slider = page.get_by_role("slider", name="Learning rate α")
    rates = recordings[name]["axes"]["learning_rate"]
    chart = root.locator("[data-essential=curve]")
    said = set()
    for rate in rates[rates.index(0.1) :]:
        expect(page.locator("[data-typed=learning_rate]")).to_have_value(f"{rate:g}")
        run = run_of(
            recordings[name],
            learning_rate=rate,
            mode="Mini-batch",
            optimizer="Gradient descent",
        )
        last = run["frames"][-1]
        expect(root.locator(".nnlib-words")).to_have_text(last["values"]["summary"])
        said.add(last["values"]["summary"])
        for curve in ("training loss", "validation loss"):
            shown = chart.evaluate(
                "(box, name) => box.chart.data[name].map((row) => Array.from(row))", curve
            )
            np.testing.assert_allclose(shown, np.array(run["growing"][curve], float), rtol=1e-12)
        slider.press("ArrowRight")
    assert len(said) == len(rates) - rates.index(0.1) == 4
    page.get_by_role("radio", name="Stochastic").check()
    expect(root.locator(".nnlib-words")).not_to_have_text(last["values"]["summary"])


def test_what_was_recorded_is_what_a_live_lab_does(recordings):
    setting = {"learning_rate": 1.0, "mode": "Batch", "optimizer": "Adam"}
    frames = run_of(recordings["playground"], **setting)["frames"]
    lab = Playground(dataset="circles", hidden=[6, 4], batch_size=10, **setting)
    for frame in frames[1:12]:
        update = frame["values"]["update"]
        lab.step(update - lab.updates)
        parameters = np.concatenate(
            [np.ravel(frame["arrays"][f"{kind}{layer}"]) for layer in (1, 2, 3) for kind in "Wb"]
        )
        network = lab.network
        mine = [
            np.ravel(x) for pair in zip(network.weights, network.biases, strict=True) for x in pair
        ]
        np.testing.assert_allclose(parameters, np.concatenate(mine), rtol=0.01, atol=1e-6)
        loss, accuracy = lab.training.latest["validation loss"], lab.accuracy
        np.testing.assert_allclose(frame["values"]["validation loss"], loss, rtol=1e-3)
        np.testing.assert_allclose(frame["values"]["accuracy"], accuracy, rtol=1e-3)


def test_the_pictures_are_those_that_nnlib_computes(window, recordings):
    page, _ = opened(window, "playground")
    got = page.locator("[data-recording]").evaluate(FRAME)["arrays"]
    run = run_of(
        recordings["playground"],
        learning_rate=0.1,
        mode="Mini-batch",
        optimizer="Gradient descent",
    )
    network = NeuralNetwork([2, 6, 4, 2], hidden="tanh", seed=0, dtype="float64")
    for layer, (W, b) in enumerate(zip(network.weights, network.biases, strict=True), start=1):
        W[:] = run["frames"][-1]["arrays"][f"W{layer}"]
        [b[:]] = run["frames"][-1]["arrays"][f"b{layer}"]
    boundary = neuron_maps(network, plane(64))[-1]
    neurons = np.concatenate(neuron_maps(network, plane(20))[:-1])
    np.testing.assert_allclose(got["boundary"]["flat"], boundary.ravel(), atol=1e-9)
    np.testing.assert_allclose(got["neurons"]["flat"], neurons.ravel(), atol=1e-9)


def test_by_keyboard_alone_it_is_reset_stepped_played_paused_and_rewound(window, recordings):
    page, root = opened(window, "playground")
    frames = recordings["playground"]["runs"][0]["frames"]
    updates = [frame["values"]["update"] or 0 for frame in frames]
    page.get_by_role("button", name="Reset").press("Enter")
    expect(root).to_have_attribute("data-update", "0")
    for update in updates[1:4]:
        page.get_by_role("button", name="Step").press("Enter")
        expect(root).to_have_attribute("data-update", str(update))
    root.locator("[data-trait=learning_rate]").focus()
    page.keyboard.press("Space")
    expect(root).to_have_attribute("data-state", "running")
    expect(root).to_have_attribute("data-update", str(updates[6]))
    page.keyboard.press("Space")
    expect(root).to_have_attribute("data-state", "paused")
    rewind = page.get_by_role("slider", name="Rewind")
    rewind.focus()
    page.keyboard.press("Home")
    expect(root).to_have_attribute("data-rewound", "0")


def test_another_surface_comes_with_its_map_and_a_learning_rate_that_suits_it(window, recordings):
    page, root = opened(window, "descent")
    for surface in recordings["descent"]["axes"]["surface"]:
        page.get_by_label("Surface", exact=True).select_option(surface)
        expect(root).to_have_attribute("data-surface", surface)
        rate = recordings["descent"]["suits"]["surface"][surface]["learning_rate"]
        run = run_of(recordings["descent"], learning_rate=rate, surface=surface)
        expect(root.locator(".nnlib-words")).to_have_text(run["frames"][-1]["values"]["summary"])


def test_every_choice_of_a_race_is_answered_by_its_own_words_and_curves(window, recordings):
    page, root = opened(window, "race")
    setting = {"race": "learning rates", "dataset": "moons", "band": False, "against": "epochs"}

    def answered():
        run = run_of(recordings["race"], **setting)
        last = run["frames"][-1]["values"]
        expect(root.locator(".nnlib-words")).to_have_text(last["summary"])
        expect(root).to_have_attribute("data-names", "|".join(last["names"]))
        shown = root.locator("[data-essential=curve]").evaluate(
            "(box, name) => box.chart.data[name].map((row) => Array.from(row))", last["names"][0]
        )
        np.testing.assert_allclose(shown[0], run["growing"][last["names"][0]][0], rtol=1e-12)

    answered()
    for label, trait, value in (
        ("Race", "race", "batch modes"),
        ("Plotted against", "against", "updates"),
        ("Data", "dataset", "spirals"),
    ):
        page.get_by_role("combobox", name=label).select_option(value)
        setting[trait] = value
        answered()
    page.get_by_label("Five seeds").press("Space")
    setting["band"] = True
    answered()


def test_what_was_recorded_of_a_race_is_what_a_live_one_does(recordings):
    setting = {"race": "optimizers", "dataset": "moons", "band": False}
    run = run_of(recordings["race"], against="epochs", **setting)
    contest = RaceLab(**setting).contest
    beyond = 1.2 * len(contest.contestants[0].trainers[0].X)
    while contest.looking or min(c.samples for c in contest.contestants) < beyond:
        contest.advance()
    for contestant in contest.contestants:
        x, mean, low, high = np.array(run["growing"][contestant.name])
        live, first = contestant.course("epochs"), x[x <= 1]
        at = np.abs(live[0][:, None] - first).argmin(axis=0)
        assert len(first) > 6
        np.testing.assert_allclose(live[0, at], first, rtol=1e-3)
        np.testing.assert_allclose(live[1, at], mean[: len(first)], rtol=1e-3)
        assert (low <= mean).all() and (mean <= high).all()


def cross_entropy(network, X, labels):
    return -np.log(network.forward(X).output[np.arange(len(X)), labels].astype(float)).mean()


def test_what_was_recorded_of_digits_is_what_a_trainer_does(recordings):
    setting = {"learning_rate": 0.1, "mode": "Batch", "optimizer": "Momentum"}
    frames = run_of(recordings["panel"], **setting)["frames"]
    mnist = load_mnist()
    network = NeuralNetwork([784, 16, 10], hidden="relu", init="he", seed=0)
    trainer = Trainer(
        network, mnist.X_train[:600], mnist.y_train[:600], optimizer=Momentum(0.1), seed=0
    )
    trainer.batch_size = None
    for frame in frames[1:10]:
        while trainer.updates < frame["values"]["update"]:
            next(trainer)
        loss = cross_entropy(network, mnist.X_validation[:600], mnist.y_validation[:600])
        np.testing.assert_allclose(frame["values"]["validation loss"], loss, rtol=2e-3)


def test_the_loss_flows_back_formulas_are_shown_and_steps_are_taken(window, recordings):
    page, root = opened(window, "blame")
    words = root.locator(".nnlib-words")
    page.get_by_role("spinbutton", name="Digit").fill("1")
    page.get_by_role("spinbutton", name="Digit").press("Enter")
    expect(words).to_contain_text("Digit 1, a 4.")
    page.get_by_role("button", name="Why?").press("Enter")
    last = recordings["blame"]["traits"]["stage"]
    # (The first frame is a stage that was drawn before the last.)
    expect(root).to_have_attribute("data-stage", "1")
    expect(root).to_have_attribute("data-stage", str(last))
    mnist, network = load_mnist(), pretrained("quick")
    wrong = np.flatnonzero((network.predict(mnist.X_test) != mnist.y_test) & (mnist.y_test == 4))
    found = blame(network, mnist.X_test[wrong[:1]], [4])
    root.locator("canvas.nnlib-blame").press("ArrowRight")
    worst = int(np.abs(found.delta[-1]).argmax())
    for line in found.explain(len(network.weights), worst):
        expect(root.locator(".nnlib-blame-panel")).to_contain_text(line)
    learn = page.get_by_role("button", name="One step of gradient descent")
    for step in range(1, 3):
        learn.press("Enter")
        expect(words).to_contain_text(f"Step {step}:")
    learn.press("Enter")
    expect(root.get_by_role("alert").first).to_contain_text("The recording ends here")


def test_the_maps_are_those_of_the_network_and_follow_the_slider(window, recordings):
    page, root = opened(window, "layers")
    page.get_by_role("slider", name="Learning rate α").press("ArrowRight")
    run = run_of(recordings["layers"], learning_rate=0.316, mode="Mini-batch")
    expect(root.locator(".nnlib-words")).to_have_text(run["frames"][-1]["values"]["summary"])
    page.get_by_role("button", name="Reset").press("Enter")
    expect(root).to_have_attribute("data-maps-of", "0")
    got = page.locator("[data-recording]").evaluate(FRAME)["arrays"]
    mnist, rows = load_mnist(), np.array(run["frames"][0]["arrays"]["digits"][2])
    network = NeuralNetwork([784, 32, 10], hidden="relu", init="he", seed=0)
    layers = project_layers(network.forward(mnist.X_validation[rows]))
    for l, layer in enumerate(layers):
        shown = np.reshape(got[f"map {l}"]["flat"], (2, -1))
        np.testing.assert_allclose(shown, layer.points.T, atol=0.01 * np.abs(layer.points).max())


def test_a_cell_is_opened_and_its_images_are_shown(window):
    _, root = opened(window, "confusion")
    mnist, network = load_mnist(), pretrained("quick")
    labels, predicted = mnist.y_test[:2000], network.predict(mnist.X_test[:2000])
    for true, read in ((7, 2), (5, 5)):
        n = int(((labels == true) & (predicted == read)).sum())
        cell = root.locator(f"button[data-true='{true}'][data-predicted='{read}']")
        expect(cell).to_have_text(str(n))
        cell.press("Enter")
        expect(cell).to_have_attribute("aria-pressed", "true")
        expect(root.locator(".nnlib-gallery > li canvas")).to_have_count(min(n, 24))
        expect(root.locator(".nnlib-words")).to_contain_text(f"{n} of {(labels == true).sum()} of")


def test_a_distortion_is_shown_as_nnlib_draws_it(window):
    page, root = opened(window, "distortion")
    page.get_by_role("slider", name="Elastic α").press("ArrowRight")
    page.get_by_role("button", name="Draw again").press("Enter")
    expect(root).to_have_attribute("data-settings", re.compile('"alpha":75,.*"seed":1'))
    X = load_mnist().X_test[:3]
    distortion = Distortion(alpha=75, sigma=4, rotation=15, scaling=0, shear=0, shift=0)
    places = distortion.places(3, 28, np.random.default_rng(1))
    got = page.locator("[data-recording]").evaluate(FRAME)["arrays"]
    np.testing.assert_allclose(got["after"]["flat"], sample(X, *places).ravel(), atol=0.006)
    for name, place in zip(("rows", "columns"), places, strict=True):
        np.testing.assert_allclose(got[name]["flat"], place[0].ravel(), rtol=0.006, atol=0.05)
    page.get_by_label("Show").select_option("arrows")
    expect(root).to_have_attribute("data-settings", re.compile('"field":"arrows"'))
    page.get_by_role("button", name="Reset controls").press("Enter")
    expect(root).to_have_attribute("data-settings", re.compile('"alpha":50,.*"seed":0'))


def test_the_sliders_of_an_explorer_choose_among_the_functions_of_lesson_1(window):
    page, root = opened(window, "explorer")
    page.get_by_role("slider", name="n").press("ArrowRight")
    page.get_by_role("slider", name="k").press("ArrowRight")
    expect(root).to_have_attribute("data-settings", '{"n":8,"k":100}')

    def target(u):
        return (1 - u) * np.sin(3 * np.pi * u) + u**2

    u, edges = np.linspace(0, 1, 301), np.linspace(-0.1, 1.1, 9)
    steps = 1 / (1 + np.exp(-100 * (u - edges[:, None])))
    network = target((edges[1:] + edges[:-1]) / 2) @ (steps[:-1] - steps[1:])
    got = page.locator("[data-recording]").evaluate(FRAME)["arrays"]
    for name, y in (("target", target(u)), ("network", network)):
        np.testing.assert_allclose(got[f"curves {name}"]["flat"], np.r_[u, y], atol=1e-3)
    distance = np.abs(network - target(u)).mean()
    said = f"8 bumps, 16 neurons: mean distance {distance:.3f}."
    expect(root.locator(".nnlib-words")).to_have_text(said)
    page.get_by_role("button", name="Reset controls").press("Enter")
    expect(root).to_have_attribute("data-settings", '{"n":6,"k":31.6}')


def test_a_step_of_the_lens_is_one_of_gradient_descent(window):
    page, root = opened(window, "backprop")
    lens = BackpropLens()
    for _ in range(2):
        page.get_by_role("button", name="Take one step").press("Enter")
        trace = lens.network.forward(lens.x[None])
        gradients = backward(lens.network, trace, lens.target[None], lens.loss)
        GradientDescent(1.0).update(lens.network.parameters, gradients.vector)
    expect(root.locator(".nnlib-words")).to_contain_text("After step 2 of gradient descent")
    shown = json.loads(root.get_attribute("data-numbers"))
    output = lens.network.forward(lens.x[None]).output[0]
    np.testing.assert_allclose(float(shown["a⁽²⁾₁"].replace("−", "-")), output[0], rtol=1e-3)


# What is on the pad's page after some traits are set and some commands sent, one after the other.
ON_THE_PAD = """async (el, cases) => {
    const {model} = el, answers = [];
    for (const {traits, commands} of cases) {
        for (const [name, value] of Object.entries(traits)) model.set(name, value);
        answers.push(await new Promise((done) => {
            let left = commands.length;
            const hear = ({values, arrays}, buffers) => {
                left -= 1;
                if (left) return;
                model.off('msg:custom', hear);
                const read = (view) => Array.from(new Float64Array(view.buffer));
                const flat = arrays.map(({name}, i) => [name, read(buffers[i])]);
                done({values, arrays: Object.fromEntries(flat), problem: model.get('problem')});
            };
            model.on('msg:custom', hear);
            for (const command of commands) model.send(command);
        }));
    }
    return answers;
}"""


def pads(rng, n):
    """Yield settings of the pad and what is drawn on it: strokes, or None for the chosen digit."""
    for i in range(n):
        at = {"crop": i % 2 == 0, "scale": i % 3 != 1, "centre": i % 5 != 2, "threshold": 0.0}
        if i % 4 == 3:
            moved = {name: int(rng.integers(-6, 7)) for name in ("across", "down")}
            turn, zoom = float(rng.integers(-90, 91)), float(rng.integers(6, 29)) / 20
            yield {**at, "digit": i % 10, **moved, "rotation": turn, "zoom": zoom}, None
            continue
        # Wandering lines, some over the edge; a dot; and a pad that is nearly all ink.
        pen = float(rng.integers(2, 21)) / 100
        walks = [rng.uniform(0, 1, 2) + rng.normal(0, 0.06, (k, 2)).cumsum(0) for k in (1, 9, 25)]
        strokes = walks[: 1 + i % 3]
        if i >= n - 2:
            pen, lines = 0.2, (5, 8)[i - n]
            strokes = [np.array([[x, 0], [x, 1]]) for x in np.linspace(0, 1, lines)]
        yield {**at, "threshold": 0.8 * (i % 2), "pen": pen}, [s.clip(0, 1) for s in strokes]


def test_the_page_reads_what_is_drawn_as_nnlib_reads_it(window):
    page, _ = opened(window, "pad")
    network, _, _ = rounded(pretrained("quick"))
    lab = DigitPad(network, digits=digits())
    cases = []
    for traits, strokes in pads(np.random.default_rng(5), 42):
        stroke = {"command": "stroke", "new": True, "view": "v", "number": 1}
        commands = [{**stroke, "points": s.tolist()} for s in strokes or []]
        first = {"command": "clear" if strokes else "put"}
        cases.append({"traits": traits, "commands": [first, *commands]})
    answers = page.locator("[data-recording]").evaluate(ON_THE_PAD, cases)
    read = set()
    for case, answer in zip(cases, answers, strict=True):
        with lab.hold_trait_notifications():
            for name, value in case["traits"].items():
                setattr(lab, name, value)
        for command in case["commands"]:
            lab.hear(command)
        values, arrays = lab.frame()
        assert set(answer["arrays"]) == set(arrays)
        for name, array in arrays.items():
            np.testing.assert_allclose(answer["arrays"][name], array.ravel(), atol=1e-4)
        for name in ("summary", "reads", "truth", "empty", "stages", "source"):
            assert answer["values"][name] == values[name], (case["traits"], name)
        assert answer["problem"] == lab.problem
        read.add(values["reads"] if not values["empty"] else lab.problem)
    assert len(read) > 6 and {None, ALL_INK} < read


def test_a_digit_is_drawn_with_the_pointer_undone_and_drawn_with_the_keys(window):
    page, root = opened(window, "pad")
    expect(root.locator(".nnlib-words")).to_contain_text("Digit 0, a 0. Reads 0")
    expect(root.locator("[data-command=add], [data-command=reset]")).to_have_count(0)
    canvas = root.locator("canvas.nnlib-pad")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    place = [(box["x"] + 0.5 * box["width"], box["y"] + y * box["height"]) for y in (0.2, 0.5, 0.8)]
    page.mouse.move(*place[0])
    page.mouse.down()
    for point in place[1:]:
        page.mouse.move(*point)
    page.mouse.up()
    expect(root).to_have_attribute("data-reads", "1")
    expect(root.locator("tr[data-best=true] th")).to_have_text("1")
    page.get_by_role("button", name="Undo").press("Enter")
    expect(root.locator(".nnlib-words")).to_contain_text("The pad is empty")
    canvas.focus()
    for key in ("Enter", *["ArrowDown"] * 8, "Enter"):
        page.keyboard.press(key)
    expect(root).to_have_attribute("data-strokes", "1")
    expect(root).to_have_attribute("data-source", "strokes")
    root.locator("summary").click()
    page.get_by_role("spinbutton", name="Digit").fill("7")
    page.get_by_role("spinbutton", name="Digit").press("Enter")
    expect(root.locator(".nnlib-words")).to_contain_text("Digit 7, a 7. Reads 7")


def test_what_a_recording_cannot_do_is_said(window):
    _, root = opened(window, "descent")
    root.locator("canvas.nnlib-descent-map").press("Enter")  # would choose another start
    expect(root.get_by_role("alert")).to_contain_text("recording")
