"""Somebody at a browser."""

from playwright.async_api import BrowserContext, Locator, Page, expect


class Visitor:
    """One browser with its cookies; `page` is the tab in front."""

    page: Page

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context = context
        self.address = address
        self.complaints: list[str] = []

    async def opens(self, path: str = "/") -> None:
        """In a tab of its own."""
        self.page = await self.context.new_page()
        self.page.on("console", lambda said: self._note(said.type in ("error", "warning"), f"console: {said.text}"))
        self.page.on("pageerror", lambda error: self._note(True, f"script: {error}"))
        self.page.on("request", lambda sent: self._note(not sent.url.startswith(self.address), f"asked: {sent.url}"))
        await self.goes(path)

    async def goes(self, path: str) -> None:
        await self.page.goto(self.address + path)

    async def plays(self, role: str) -> None:
        await self.page.locator(f".roles [value={role}]").click()
        await expect(self.page.locator(f".roles [value={role}]")).to_have_attribute("aria-current", "true")
        await self.page.wait_for_load_state()  # its script is there: until then a page is one without scripts

    async def asks(self, text: str) -> None:
        await self.page.wait_for_load_state()  # as above: without its script, Enter begins a new line
        await self.page.locator("#text").fill(text)
        await self.page.locator("#text").press("Enter")

    async def presses(self, label: str) -> None:
        await self.page.locator(".offer button", has_text=label).click()

    @property
    def answers(self) -> Locator:
        """What the desk and its technicians have said, the oldest first."""
        return self.page.locator(".item:not(.person)")

    async def reads(self, text: str, *, times: int | None = None) -> None:
        """The latest answer has this in it."""
        if times is not None:
            await expect(self.answers).to_have_count(times)
        await expect(self.answers.last).to_contain_text(text)

    async def works(self, kind: str, text: str) -> None:
        """A technician's reply, note or resolution."""
        await self.page.wait_for_load_state()
        await self.page.locator(f"#work [value={kind}]").check()
        await self.page.locator("#words").fill(text)
        await self.page.locator("#work .button").click()

    async def is_told(self, text: str) -> None:
        await expect(self.page.locator(".toast").last).to_contain_text(text)

    async def has_no_sideways_scroll(self) -> None:
        width, window = await self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert width <= window, f"{self.page.url} is {width} wide in a window of {window}"

    def has_nothing_to_complain_about(self) -> None:
        assert not self.complaints, self.complaints

    def _note(self, bad: bool, complaint: str) -> None:
        if bad:
            self.complaints.append(complaint)
