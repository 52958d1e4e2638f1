// The full round with the unmodified official SDK for Go. It takes no address but one of the cloud's own form, so its
// transport, which it lets a caller choose, leads that name to the service under test.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	mns "github.com/aliyun/aliyun-mns-go-sdk"
	"github.com/valyala/fasthttp"
)

const endpoint = "http://1001.mns.cn-hangzhou.aliyuncs.com"

type loopback struct{ client *fasthttp.HostClient }

func (l loopback) RoundTrip(_ *fasthttp.HostClient, request *fasthttp.Request, response *fasthttp.Response) (bool, error) {
	return false, l.client.Do(request, response)
}

func open(id, secret string) mns.MNSClient {
	client := mns.NewAliMNSClient(endpoint, id, secret)
	address := strings.TrimPrefix(os.Getenv("SMQ_ENDPOINT"), "http://")
	client.SetTransport(loopback{&fasthttp.HostClient{Addr: address, ReadTimeout: 40 * time.Second}})
	return client
}

func queue() mns.AliMNSQueue {
	return mns.NewMNSQueue("golang", open(os.Getenv("SMQ_KEY_ID"), os.Getenv("SMQ_KEY_SECRET")))
}

func manager() mns.AliQueueManager {
	return mns.NewMNSQueueManager(open(os.Getenv("SMQ_KEY_ID"), os.Getenv("SMQ_KEY_SECRET")))
}

func expect(condition bool, what string) error {
	if condition {
		return nil
	}
	return errors.New(what)
}

func fails(code string, err error) error {
	if err == nil {
		return fmt.Errorf("expected %s, got success", code)
	}
	return expect(strings.Contains(err.Error(), code), fmt.Sprintf("expected %s, got %v", code, err))
}

func receive(q mns.AliMNSQueue, wait ...int64) (mns.MessageReceiveResponse, error) {
	messages, failures := make(chan mns.MessageReceiveResponse, 1), make(chan error, 1)
	q.ReceiveMessage(messages, failures, wait...)
	select {
	case message := <-messages:
		return message, nil
	case err := <-failures:
		return mns.MessageReceiveResponse{}, err
	}
}

func receiveBatch(q mns.AliMNSQueue, count int32, wait ...int64) (mns.BatchMessageReceiveResponse, error) {
	messages, failures := make(chan mns.BatchMessageReceiveResponse, 1), make(chan error, 1)
	q.BatchReceiveMessage(messages, failures, count, wait...)
	select {
	case batch := <-messages:
		return batch, nil
	case err := <-failures:
		return mns.BatchMessageReceiveResponse{}, err
	}
}

func create() error {
	if err := manager().CreateQueue("golang", 0, 65536, 345600, 20, 0, 2); err != nil {
		return err
	}
	// The SDK turns 204 into an error of its own.
	again := manager().CreateQueue("golang", 0, 65536, 345600, 20, 0, 2)
	if err := fails("already exist", again); err != nil && again != nil && !mns.ERR_MNS_QUEUE_ALREADY_EXIST_AND_HAVE_SAME_ATTR.IsEqual(again) {
		return err
	}
	return fails("already exist", manager().CreateQueue("golang", 0, 65536, 345600, 21, 0, 2))
}

func attributes() error {
	if err := manager().SetQueueAttributes("golang", 0, 65536, 345600, 25, 0, 2); err != nil {
		return err
	}
	attributes, err := manager().GetQueueAttributes("golang")
	if err != nil {
		return err
	}
	return expect(attributes.VisibilityTimeout == 25, "the attribute is set")
}

func list() error {
	queues, err := manager().ListQueue("", 10, "gol")
	if err != nil {
		return err
	}
	return expect(len(queues.Queues) == 1, "the queue is listed")
}

func sendReceiveDelete() error {
	q := queue()
	sent, err := q.SendMessage(mns.MessageSendRequest{MessageBody: "hello 你好 <&>"})
	if err != nil {
		return err
	}
	received, err := receive(q, 1)
	if err != nil {
		return err
	}
	if err := expect(received.MessageBody == "hello 你好 <&>" && received.MessageId == sent.MessageId && received.Priority == 8, "the message comes back"); err != nil {
		return err
	}
	changed, err := q.ChangeMessageVisibility(received.ReceiptHandle, 60)
	if err != nil {
		return err
	}
	if err := q.DeleteMessage(changed.ReceiptHandle); err != nil {
		return err
	}
	if err := fails("MessageNotExist", q.DeleteMessage(received.ReceiptHandle)); err != nil && !strings.Contains(err.Error(), "message not exist") {
		return err
	}
	if q.DeleteMessage("1-ODU4OTkzLTItNg") == nil {
		return errors.New("a handle that is none was taken")
	}
	_, err = receive(q)
	return expect(err != nil && mns.ERR_MNS_MESSAGE_NOT_EXIST.IsEqual(err), fmt.Sprintf("an empty queue says so, not %v", err))
}

func batch() error {
	q := queue()
	requests := make([]mns.MessageSendRequest, 16)
	for index := range requests {
		requests[index].MessageBody = fmt.Sprintf("message %d", index)
	}
	if _, err := q.BatchSendMessage(requests...); err != nil {
		return err
	}
	received, err := receiveBatch(q, 16, 1)
	if err != nil {
		return err
	}
	if err := expect(len(received.Messages) == 16, "all come back"); err != nil {
		return err
	}
	handles := make([]string, 0, 16)
	for _, message := range received.Messages {
		handles = append(handles, message.ReceiptHandle)
	}
	_, err = q.BatchDeleteMessage(handles...)
	return err
}

func delayed() error {
	q := queue()
	if _, err := q.SendMessage(mns.MessageSendRequest{MessageBody: "later", DelaySeconds: 1}); err != nil {
		return err
	}
	if _, err := receive(q); err == nil {
		return errors.New("a delayed message came at once")
	}
	received, err := receive(q, 10)
	if err != nil {
		return err
	}
	return q.DeleteMessage(received.ReceiptHandle)
}

func longPoll() error {
	go func() {
		time.Sleep(500 * time.Millisecond)
		_, _ = queue().SendMessage(mns.MessageSendRequest{MessageBody: "at last"})
	}()
	started := time.Now()
	received, err := receive(queue(), 20)
	if err != nil {
		return err
	}
	if err := expect(time.Since(started) < 5*time.Second, "the waiting receive is woken by the send"); err != nil {
		return err
	}
	return queue().DeleteMessage(received.ReceiptHandle)
}

func wrongKey() error {
	_, err := receive(mns.NewMNSQueue("golang", open("nobody", "x")))
	if err := expect(err != nil && mns.ERR_MNS_INVALID_ACCESS_KEY_ID.IsEqual(err), fmt.Sprintf("an unknown key: %v", err)); err != nil {
		return err
	}
	_, err = receive(mns.NewMNSQueue("golang", open(os.Getenv("SMQ_KEY_ID"), "wrong")))
	return expect(err != nil && mns.ERR_MNS_SIGNATURE_DOES_NOT_MATCH.IsEqual(err), fmt.Sprintf("a wrong secret: %v", err))
}

func deleteQueue() error {
	if err := manager().DeleteQueue("golang"); err != nil {
		return err
	}
	_, err := queue().SendMessage(mns.MessageSendRequest{MessageBody: "nobody home"})
	return expect(err != nil && mns.ERR_MNS_QUEUE_NOT_EXIST.IsEqual(err), fmt.Sprintf("a queue that is gone: %v", err))
}

func main() {
	fmt.Println("version aliyun-mns-go-sdk 1.0.11")
	steps := []struct {
		name string
		run  func() error
	}{
		{"create", create}, {"attributes", attributes}, {"list", list}, {"send, receive, delete", sendReceiveDelete},
		{"batch", batch}, {"delayed", delayed}, {"long poll", longPoll}, {"wrong key", wrongKey}, {"delete queue", deleteQueue},
	}
	failed := false
	for _, step := range steps {
		if err := step.run(); err != nil {
			failed = true
			fmt.Printf("FAIL %s: %v\n", step.name, err)
			continue
		}
		fmt.Printf("ok %s\n", step.name)
	}
	if failed {
		os.Exit(1)
	}
}
