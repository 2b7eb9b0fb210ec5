"""Requests for recommendations that go on while something else happens."""
import threading
import time

import boto3
from botocore.config import Config

CLIENTS = 4
# Between two requests of a client, so that the browser and the server's jobs get their share of the processors.
PAUSE_S = 0.005
WITHOUT_RETRIES = Config(retries={"total_max_attempts": 1}, max_pool_connections=CLIENTS)


class Traffic:
    """Calls GetRecommendations for users in turn, without retries, until it is stopped."""

    def __init__(self, campaign_arn, users):
        self.campaign_arn, self.users = campaign_arn, users
        self.runtime = boto3.client("personalize-runtime", config=WITHOUT_RETRIES)
        self.answered, self.failures, self.slowest_s = 0, [], 0.0
        self.stopped, self.lock = threading.Event(), threading.Lock()
        self.threads = [threading.Thread(target=self.ask, args=(n,)) for n in range(CLIENTS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        for thread in self.threads:
            thread.join()

    def ask(self, turn):
        while not self.stopped.is_set():
            user = self.users[turn % len(self.users)]
            turn += CLIENTS
            began = time.time()
            try:
                answer = self.runtime.get_recommendations(campaignArn=self.campaign_arn, userId=user, numResults=10)
                failure = None if answer["itemList"] else f"an empty list for {user}"
            except Exception as error:  # Whatever it is, the request failed.
                failure = repr(error)
            with self.lock:
                self.answered += failure is None
                self.failures += [failure] if failure else []
                self.slowest_s = max(self.slowest_s, time.time() - began)
            time.sleep(PAUSE_S)

    def until(self, count, seconds=120):
        """Waits for so many answers."""
        end = time.time() + seconds
        while self.answered < count and not self.failures:
            assert time.time() < end, f"{self.answered} answers in {seconds} s"
            time.sleep(0.05)
